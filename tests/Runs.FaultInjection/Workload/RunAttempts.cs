using System.Text.Json.Nodes;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;

namespace Runs.FaultInjection.Workload;

/// <summary>
/// Attempts of a worker that claims the run over the broker: they fail, are released, suspend the run, or are lost.
/// </summary>
internal sealed class RunAttempts(Experiment experiment, RecordingAmqpClient amqp, RunReads reads)
{
    private const int MaxAttempts = 3;
    private const int MaxClaims = 30;
    private const int ShortLeaseSeconds = 5;
    private const int LongLeaseSeconds = 60;

    public async Task Execute(TrackedRun run, Random random)
    {
        for (var count = random.Next(1, MaxAttempts + 1); count > 0; count--)
        {
            var isLost = random.Next(4) == 0;
            if (await Claim(run, random, isLost) is not { } attempt)
            {
                return; // the run is not ready, or has ended
            }

            if (!isLost)
            {
                await End(run, attempt, random);
            }
            else if (random.Next(2) == 0 || !await WaitForNextAttempt(run, random))
            {
                return;
            }

            await SendLateOutcome(run, attempt);
        }
    }

    /// <returns>The number of the attempt; null when the run is not ready.</returns>
    private async Task<int?> Claim(TrackedRun run, Random random, bool isLost)
    {
        var claim = new JsonObject
        {
            ["claim_id"] = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString(),
            ["worker_id"] = "torture",
            ["lease_seconds"] = isLost ? ShortLeaseSeconds : LongLeaseSeconds,
            // The commands that end the run name no attempt.
            ["fenced"] = !isLost && random.Next(2) == 0,
        };
        var result = await amqp.PublishWithRetry("runs.claim-run", AmqpCommand.CreateBody(run, claim), reply: true, run);
        if (result.IsSnapshot)
        {
            var attempt = result.Body.GetProperty("claim").GetProperty("attempt").GetInt32();
            run.RecordClaim(attempt);
            return attempt;
        }

        if (result.Code is not ("RUN_NOT_CLAIMABLE" or "RUN_NOT_ACTIVE"))
        {
            experiment.ReportUnexpected("claim", run, result);
        }

        return null;
    }

    /// <summary>Waits until the lease and the delay are over, and claims the run.</summary>
    /// <returns>False when there is no other attempt.</returns>
    private async Task<bool> WaitForNextAttempt(TrackedRun run, Random random)
    {
        for (var tries = 0; tries < MaxClaims; tries++)
        {
            if (await Claim(run, random, isLost: false) is { } next)
            {
                await End(run, next, random);
                return true;
            }

            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        return false;
    }

    private async Task End(TrackedRun run, int attempt, Random random)
    {
        switch (random.Next(3))
        {
            case 0:
                await Send("release", run, new JsonObject { ["attempt"] = attempt, ["reason"] = "shutdown" });
                break;
            case 1:
                var failure = new JsonObject { ["status"] = "failed", ["attempt"] = attempt, ["retry_after_seconds"] = 0 };
                if (await Send("complete", run, failure) is { IsSnapshot: true } failed && GetStatus(failed) == "failed")
                {
                    run.RecordOutcome("failed", failed.Changed);
                }

                break;
            default:
                await Suspend(run, attempt, random);
                break;
        }
    }

    private async Task Suspend(TrackedRun run, int attempt, Random random)
    {
        var toolCall = $"call-{random.Next()}";
        var wait = new JsonObject { ["reason"] = "tool", ["tool_call_id"] = toolCall, ["attempt"] = attempt, ["release"] = true };
        if ((await Send("wait", run, wait)).IsSnapshot)
        {
            var resume = new JsonObject { ["tool_call_id"] = toolCall, ["result"] = random.Next() };
            if (!(await amqp.PublishWithRetry("runs.resume-run", AmqpCommand.CreateBody(run, resume), reply: true, run)).IsSnapshot)
            {
                await reads.CheckIsFinished("resume", run);
            }
        }
    }

    /// <summary>Reports an outcome of the attempt, which is over: it must change nothing.</summary>
    private async Task SendLateOutcome(TrackedRun run, int attempt)
    {
        var result = await Send("complete", run, new JsonObject { ["status"] = "completed", ["attempt"] = attempt });
        if (result.IsSnapshot && (result.Changed || GetStatus(result) is "running" or "waiting"))
        {
            experiment.Violations.Add(
                Invariants.OneAttemptAtATime,
                $"{run.Id}: attempt {attempt} was over before {result.Start:0.0}, and its outcome was accepted: {result.Body}");
        }
    }

    // During a long outage, the lease may end before a command is handled.
    private async Task<AmqpResult> Send(string command, TrackedRun run, JsonObject body)
    {
        var result = await amqp.PublishWithRetry($"runs.{command}-run", AmqpCommand.CreateBody(run, body), reply: true, run);
        if (!result.IsSnapshot && result.Code is not ("ATTEMPT_LOST" or "RUN_NOT_ACTIVE"))
        {
            experiment.ReportUnexpected(command, run, result);
        }

        return result;
    }

    private static string? GetStatus(AmqpResult result) => result.Body.GetProperty("run").GetProperty("status").GetString();
}
