namespace Runs.Api.RunOperations;

/// <summary>The token of an event writer.</summary>
/// <param name="RunEventToken">
/// A JWT of at most 4,096 bytes, valid for one hour, that allows appends to the log of the child.
/// </param>
public sealed record CreateEventWriterTokenResponse(string RunEventToken);
