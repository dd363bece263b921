using System.Text.Json.Nodes;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection.Execution;

/// <summary>
/// The caller of a run that workers execute: creates it, supplies the results that it waits for, and follows it until
/// it has ended.
/// </summary>
internal sealed class ExecutedRun(Experiment experiment, RecordingHttpClient http, RunReads reads, string id)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(700);

    /// <summary>Creates a run of a target.</summary>
    /// <param name="target">The target.</param>
    /// <param name="plan">What its attempts do.</param>
    /// <param name="backoffLimit">The number of further attempts after the first failed one; null for none.</param>
    public async Task Create(string target, ExecutionPlan plan, int? backoffLimit = ExecutionPlan.BackoffLimit)
    {
        var body = new JsonObject
        {
            ["kind"] = "task",
            ["public_id"] = id,
            ["owner"] = new JsonObject { ["kind"] = "project", ["id"] = experiment.ProjectId },
            ["request"] = new JsonObject { ["target"] = target, ["config"] = plan.ToConfig(), ["backoff_limit"] = backoffLimit },
        };
        await Create(body);
    }

    /// <summary>Creates a run with a body.</summary>
    public async Task Create(JsonObject body)
    {
        var run = experiment.TrackRun(id, null);
        var result = await http.SendWithRetry(new HttpCall("create", HttpMethod.Post, "/runs", body.ToJsonString()), run);
        if (result.Status == 202)
        {
            run.RecordCreated(result.IsCreated);
        }
        else
        {
            experiment.ReportUnexpected("create", run, result);
        }
    }

    /// <summary>Supplies results until the run has ended.</summary>
    /// <param name="cancelAfter">Cancels the run after this number of reads; null never.</param>
    public async Task Follow(int? cancelAfter = null)
    {
        var run = experiment.TrackRun(id, null);
        for (var count = 1; ; count++)
        {
            if (await ReadAndResume(run))
            {
                return;
            }

            if (count == cancelAfter)
            {
                await Cancel(run);
            }

            await Task.Delay(PollInterval, experiment.CallerCancellation.Token);
        }
    }

    /// <returns>Whether the run has ended.</returns>
    private async Task<bool> ReadAndResume(TrackedRun run)
    {
        var result = await reads.Read(run);
        if (result.Status != 200)
        {
            experiment.ReportUnexpected("read", run, result);
            return true;
        }

        if (result.RunStatus == "waiting")
        {
            await Resume(run, result.RunAttempt ?? 0);
        }

        return StatusTransitions.IsFinal(result.RunStatus);
    }

    // The run may go on between the read and the resume: then the result is rejected, and the next read shows more.
    private async Task Resume(TrackedRun run, int attempt)
    {
        var toolCall = ClaimedAttempt.GetToolCallId(attempt);
        var body = new JsonObject { ["type"] = "tool_result", ["tool_call_id"] = toolCall, ["result"] = attempt };
        var call = new HttpCall("resume", HttpMethod.Post, $"/runs/{id}/resume", body.ToJsonString());
        if ((await http.SendWithRetry(call, run)).Status == 200)
        {
            run.RecordResumed(toolCall);
        }
    }

    private async Task Cancel(TrackedRun run)
    {
        var result = await http.SendWithRetry(new HttpCall("cancel", HttpMethod.Post, $"/runs/{id}/cancel"), run);
        if (result.Status == 200)
        {
            run.RecordOutcome("cancelled", result.Changed == true);
        }
        else
        {
            experiment.ReportUnexpected("cancel", run, result);
        }
    }
}
