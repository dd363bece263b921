using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;

namespace Runs.FaultInjection.Workload;

/// <summary>Reports responses that the state of the run does not allow.</summary>
internal static class UnexpectedResponses
{
    public static void ReportUnexpected(this Experiment experiment, string call, TrackedRun run, HttpResult result)
    {
        var isLost = result.Status == 404 && run.MustExist;
        experiment.Violations.Add(
            isLost ? Invariants.ReadAfterWrite : Invariants.DocumentedResponses,
            $"{run.Id}: {call} at {result.Start:0.0} was answered {result.Status} {result.Code} {result.Body}");
    }

    public static void ReportUnexpected(this Experiment experiment, string call, TrackedRun run, AmqpResult result)
    {
        var isLost = result.Code == "RUN_NOT_FOUND" && run.MustExist;
        experiment.Violations.Add(
            isLost ? Invariants.ReadAfterWrite : Invariants.DocumentedResponses,
            $"{run.Id}: {call} at {result.Start:0.0} over the broker was answered {result.Kind} {result.Code}");
    }
}
