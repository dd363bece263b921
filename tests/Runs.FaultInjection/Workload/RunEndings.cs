using System.Text.Json.Nodes;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;

namespace Runs.FaultInjection.Workload;

/// <summary>The ways to end a run. Each one records what the response promises.</summary>
internal sealed class RunEndings(Experiment experiment, RecordingHttpClient http, RecordingAmqpClient amqp)
{
    public async Task Cancel(TrackedRun run, Random random)
    {
        if (random.Next(2) == 0)
        {
            var result = await http.SendWithRetry(new HttpCall("cancel", HttpMethod.Post, $"/runs/{run.Id}/cancel"), run);
            var changed = result.Status == 200 && result.Body.GetProperty("cancelled").GetBoolean();
            RecordOutcome("cancel", run, "cancelled", result, changed);
        }
        else
        {
            var result = await amqp.PublishWithRetry("runs.cancel-run", AmqpCommand.CreateBody(run), reply: true, run);
            RecordOutcome("cancel", run, "cancelled", result);
        }
    }

    public async Task Complete(TrackedRun run, string status, Random random)
    {
        var body = new JsonObject { ["status"] = status };
        if (random.Next(2) == 0)
        {
            // Over HTTP the response says whether the run has the status, not whether this call has set it.
            var call = new HttpCall("complete", HttpMethod.Post, $"/runs/{run.Id}/complete", body.ToJsonString());
            RecordOutcome("complete", run, status, await http.SendWithRetry(call, run), changed: false);
        }
        else
        {
            var result = await amqp.PublishWithRetry("runs.complete-run", AmqpCommand.CreateBody(run, body), reply: true, run);
            RecordOutcome("complete", run, status, result);
        }
    }

    /// <summary>Publishes a cancel without a reply.</summary>
    public async Task PublishCancel(TrackedRun run)
    {
        await amqp.PublishWithRetry("runs.cancel-run", AmqpCommand.CreateBody(run), reply: false, run);
        run.RecordConfirmedFinish();
    }

    /// <summary>Publishes a complete without a reply.</summary>
    public async Task PublishComplete(TrackedRun run)
    {
        var body = AmqpCommand.CreateBody(run, new JsonObject { ["status"] = "completed" });
        await amqp.PublishWithRetry("runs.complete-run", body, reply: false, run);
        run.RecordConfirmedFinish();
    }

    private void RecordOutcome(string call, TrackedRun run, string requestedStatus, HttpResult result, bool changed)
    {
        if (result.Status != 200)
        {
            experiment.ReportUnexpected(call, run, result);
            return;
        }

        run.RecordOutcome(requestedStatus, changed);
        var status = result.Run!.Value.GetProperty("status").GetString()!;
        if (result.Body.TryGetProperty("completed", out var completed) && completed.GetBoolean() != (status == requestedStatus))
        {
            experiment.Violations.Add(
                Invariants.FirstOutcomeWins,
                $"{run.Id}: {call} to {requestedStatus} returned completed {completed} for a run that is {status}");
        }
    }

    private void RecordOutcome(string call, TrackedRun run, string requestedStatus, AmqpResult result)
    {
        if (result.IsSnapshot)
        {
            run.RecordOutcome(requestedStatus, result.Changed);
        }
        else
        {
            experiment.ReportUnexpected(call, run, result);
        }
    }
}
