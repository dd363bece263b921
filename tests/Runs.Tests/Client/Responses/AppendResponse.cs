namespace Runs.Tests.Client;

/// <summary>
/// The response to an append: the end of the log. <paramref name="Run"/> is there in conversations only.
/// </summary>
public sealed record AppendResponse(
    long LatestEventId, int AppendedCount, long LatestExternalEventSequence, ApiConversationRun? Run = null);
