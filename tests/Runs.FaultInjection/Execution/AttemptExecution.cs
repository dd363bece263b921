using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection.Execution;

/// <summary>Executes the attempts of a worker as their plans say, and checks what is answered.</summary>
internal sealed class AttemptExecution(Experiment experiment, RecordingHttpClient http, HttpWorker worker)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    public async Task Execute(ClaimedAttempt attempt)
    {
        CheckToolResults(attempt);
        if (!await Append(attempt))
        {
            return;
        }

        switch (attempt.Act)
        {
            case AttemptAct.Fail or AttemptAct.Reject:
                Report("complete", attempt, await worker.Complete(attempt, "failed", retryable: attempt.Act == AttemptAct.Fail));
                break;
            case AttemptAct.Release:
                Report("release", attempt, await worker.Release(attempt, "shutdown"));
                break;
            case AttemptAct.Suspend:
                Report("wait", attempt, await worker.Wait(attempt, release: true));
                break;
            case AttemptAct.Lose:
                await WriteAfterLoss(attempt);
                break;
            case AttemptAct.Hold:
                await WaitAndComplete(attempt);
                break;
            default:
                Report("session", attempt, await worker.SaveSession(attempt));
                await CompleteWithEvents(attempt);
                break;
        }
    }

    private async Task<bool> Append(ClaimedAttempt attempt)
    {
        var result = await worker.Append(attempt, 1 + (attempt.Number % 2));
        if (result.Code == "EVENT_CURSOR_MISMATCH")
        {
            experiment.Violations.Add(
                Invariants.AppendedOnce,
                $"{attempt.RunId}: attempt {attempt.Number} is at sequence {attempt.ExternalSequence}, which was rejected: {result.Body}");
        }

        return Report("append", attempt, result);
    }

    private async Task CompleteWithEvents(ClaimedAttempt attempt)
    {
        if (await Append(attempt))
        {
            Report("complete", attempt, await worker.Complete(attempt, "completed"));
        }
    }

    private async Task WaitAndComplete(ClaimedAttempt attempt)
    {
        var result = await worker.Wait(attempt, release: false);
        if (!Report("wait", attempt, result))
        {
            return;
        }

        attempt.WaitingSince = result.End;
        if (await Task.WhenAny(attempt.Resumed, attempt.Ended) == attempt.Resumed)
        {
            await CompleteWithEvents(attempt);
        }
    }

    // The worker is silent until its attempt has ended, then writes as if it knew nothing.
    private async Task WriteAfterLoss(ClaimedAttempt attempt)
    {
        attempt.IsRenewed = false;
        while (!await HasEnded(attempt))
        {
            await Task.Delay(PollInterval, experiment.CallerCancellation.Token);
        }

        CheckIsRejected("append", attempt, await worker.Append(attempt, 1));
        CheckIsRejected("complete", attempt, await worker.Complete(attempt, "completed"));
        var renewal = await worker.Renew(attempt);
        if (renewal is not { Status: 200, Run: null })
        {
            ReportAccepted("renewal", attempt, renewal);
        }
    }

    private async Task<bool> HasEnded(ClaimedAttempt attempt)
    {
        var call = new HttpCall("attempts", HttpMethod.Get, $"/runs/{attempt.RunId}/attempts");
        var result = await http.SendOnce(call, attempt.RunId);
        return result.Status == 200 && result.Body.GetProperty("data").EnumerateArray().Any(known =>
            known.GetProperty("attempt").GetInt32() == attempt.Number
            && known.GetProperty("outcome").ValueKind == System.Text.Json.JsonValueKind.String);
    }

    // An outcome is answered with the unchanged run when the run has ended.
    private void CheckIsRejected(string call, ClaimedAttempt attempt, HttpResult result)
    {
        var isUnchanged = call == "complete" && result.Status == 200 && StatusTransitions.IsFinal(result.RunStatus);
        if (result.Code is not ("ATTEMPT_LOST" or "RUN_NOT_ACTIVE") && !isUnchanged)
        {
            ReportAccepted(call, attempt, result);
        }
    }

    private void ReportAccepted(string call, ClaimedAttempt attempt, HttpResult result) => experiment.Violations.Add(
        Invariants.OneAttemptAtATime,
        $"{attempt.RunId}: attempt {attempt.Number} had ended before {result.Start:0.000}, and its {call} was answered "
        + $"{result.Status} {result.Body}");

    /// <returns>Whether the call was accepted. During a long outage, the lease ends before.</returns>
    private bool Report(string call, ClaimedAttempt attempt, HttpResult result)
    {
        var run = experiment.TrackRun(attempt.RunId, null);
        if (result is { Status: 200, Run: { } resource } && resource.TryGetProperty("created_at", out _))
        {
            run.RecordObservation(Observation.FromJson(resource, result.Start, result.End));
        }

        if (result.Status != 200 && result.Code is not ("ATTEMPT_LOST" or "RUN_NOT_ACTIVE"))
        {
            experiment.ReportUnexpected(call, run, result);
        }

        return result.Status == 200;
    }

    // The attempt before was suspended until the result of its call was known.
    private void CheckToolResults(ClaimedAttempt attempt)
    {
        var before = attempt.Number - 1;
        var expected = ClaimedAttempt.GetToolCallId(before);
        if (before > 0
            && attempt.Plan.GetAct(before) == AttemptAct.Suspend
            && experiment.TrackRun(attempt.RunId, null).ResumedCalls.Contains(expected)
            && !attempt.ToolResults.Contains(expected))
        {
            experiment.Violations.Add(
                Invariants.ReadAfterWrite,
                $"{attempt.RunId}: {expected} was resumed, and the claim of attempt {attempt.Number} has "
                + string.Join(", ", attempt.ToolResults));
        }
    }
}
