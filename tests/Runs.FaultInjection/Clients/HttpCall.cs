namespace Runs.FaultInjection.Clients;

/// <summary>A call over HTTP.</summary>
/// <param name="Name">The name in the history.</param>
/// <param name="Method">The method.</param>
/// <param name="Path">The path.</param>
/// <param name="Body">The JSON body.</param>
/// <param name="Cursor">The expected cursor of an append.</param>
/// <param name="Events">The number of events of an append.</param>
internal sealed record HttpCall(
    string Name,
    HttpMethod Method,
    string Path,
    string? Body = null,
    string? Cursor = null,
    int? Events = null);
