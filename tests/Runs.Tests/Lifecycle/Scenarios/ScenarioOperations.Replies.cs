using Runs.Contracts;

namespace Runs.Tests.Lifecycle;

/// <content>How commands are sent and replies are recorded.</content>
internal sealed partial class ScenarioOperations
{
    private readonly List<RunOracle> _cancelledDescendants = [];
    private int _events;

    /// <summary>Whether the descendants of every cancelled run have finished.</summary>
    public bool HaveCancelledDescendantsFinished => _cancelledDescendants.TrueForAll(run => run.HasFinished);

    private async Task<ObservedReply[]> Send<T>(RunOracle run, SendMode mode, T command, string path, string body)
        where T : class
    {
        var existed = run.Exists;
        var replies = await Send(mode, command, path, body);
        foreach (var reply in replies)
        {
            AssertExpectedStatus(reply, existed, 200, 201, 404, 409);
            run.RecordReply(reply);
        }

        return replies;
    }

    private Task<ObservedReply[]> Send<T>(SendMode mode, T command, string path, string body)
        where T : class =>
        mode < SendMode.Request ? application.SendOverHttp(mode, path, body) : application.SendOverBroker(mode, command);

    private void RecordFinish(RunOracle run, ObservedReply reply, bool ended, IEnumerable<RunOracle> descendants)
    {
        if (ended)
        {
            run.RecordFinishReply(reply);
            lock (_cancelledDescendants)
            {
                _cancelledDescendants.AddRange(descendants);
            }
        }
    }

    // The descendants that existed for certain before the run ended.
    private List<RunOracle> GetExistingDescendants(RunOracle run) =>
        [.. runs.SkipWhile(other => other != run).Skip(1).TakeWhile(other => other.Exists)];

    private static void AssertExpectedStatus(ObservedReply reply, bool existed, params ReadOnlySpan<int> statuses)
    {
        Assert.True(statuses.Contains(reply.Response.Status), reply.Response.ToString());
        var isNotFound = reply.Response.Status == 404 && reply.Response["code"].GetString() == RejectionCodes.RunNotFound;
        Assert.False(existed && isNotFound, "An acknowledged run is gone.");
    }

    // The mode over the broker that corresponds to a mode over HTTP.
    private static SendMode GetBrokerMode(SendMode mode) => mode < SendMode.Request ? mode + 3 : mode;

    private string NewEvent(string type) => $$"""{"type":"{{type}}","n":{{Interlocked.Increment(ref _events)}}.0}""";

    private static string ToJsonString(string? text) => text is null ? "null" : $"\"{text}\"";
}
