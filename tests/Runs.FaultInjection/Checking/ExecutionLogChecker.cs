using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using Runs.FaultInjection.Execution;
using Runs.FaultInjection.Storage;

namespace Runs.FaultInjection.Checking;

/// <summary>
/// Checks the log of a run for the order of its attempts: the service records each attempt that begins after the first
/// or ends before the run, and between them are only events of the attempt that they name.
/// </summary>
internal sealed class ExecutionLogChecker(InvariantViolations violations)
{
    private const string AttemptEvent = "runs.attempt";
    private const string Started = "started";

    public void Check(StoredRun run)
    {
        var (current, isOpen) = (1, true);
        foreach (var logged in run.Log)
        {
            var content = BsonSerializer.Deserialize<BsonDocument>(logged["event"].AsString);
            var name = content.TryGetValue("name", out var text) && text.IsString ? text.AsString : "";
            if (name == AttemptEvent && !logged.Contains("external_sequence"))
            {
                var value = content["value"].AsBsonDocument;
                var (attempt, state) = (value["attempt"].ToInt32(), value["state"].AsString);
                var isExpected = state == Started ? !isOpen && attempt == current + 1 : isOpen && attempt == current;
                if (!isExpected)
                {
                    Report(run, $"attempt {attempt} {state} after attempt {current} {(isOpen ? "began" : "ended")}");
                }

                (current, isOpen) = (attempt, state == Started);
            }
            else if (EventNames.ReadAttempt(name) is { } writer && (writer != current || !isOpen))
            {
                Report(run, $"{name} is in the log after attempt {current} {(isOpen ? "began" : "ended")}");
            }
        }
    }

    private void Report(StoredRun run, string description) =>
        violations.Add(Invariants.OneAttemptAtATime, $"{run.Id}: {description}");
}
