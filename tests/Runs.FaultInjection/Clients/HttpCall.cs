namespace Runs.FaultInjection.Clients;

/// <summary>A call over HTTP.</summary>
/// <param name="Name">The name in the history.</param>
/// <param name="Method">The method.</param>
/// <param name="Path">The path.</param>
/// <param name="Body">The JSON body.</param>
/// <param name="Cursor">The expected cursor of an append.</param>
/// <param name="Events">The number of events of an append.</param>
/// <param name="Token">The credential; null for the API key.</param>
/// <param name="Worker">The worker that makes the call, if it is a call of <c>ExecutionCalls</c>.</param>
/// <param name="Address">Where the call goes; null for a server of the deployment.</param>
/// <param name="Wait">How long the server may hold the call, in addition to its deadline.</param>
internal sealed record HttpCall(
    string Name,
    HttpMethod Method,
    string Path,
    string? Body = null,
    string? Cursor = null,
    int? Events = null,
    string? Token = null,
    string? Worker = null,
    Uri? Address = null,
    TimeSpan Wait = default);
