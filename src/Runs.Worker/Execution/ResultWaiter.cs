using Runs.Client;
using Runs.Contracts;

namespace Runs.Worker;

/// <summary>Lets a run wait while its handler holds it. A run waits for one thing at a time.</summary>
internal sealed class ResultWaiter(AttemptEnvironment environment)
{
    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>Waits until the run has the result.</summary>
    public async Task<RecordedToolResult> Wait(RunWait wait, TimeSpan within, CancellationToken cancellationToken)
    {
        var attempt = environment.Attempt;
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            // A waiting run accepts no events.
            await environment.Log.Flush(cancellationToken);
            attempt.BeginWait();
            var waiting = await environment.Client.Wait(
                attempt.RunId,
                wait with { Attempt = attempt.Number, ExpiresAt = attempt.ServerTime + within },
                cancellationToken);
            if (waiting.Waiting)
            {
                // The heartbeat that is sent now is answered when the run is resumed.
                environment.Attempts.SignalChange();
            }
            else
            {
                attempt.EndWait(); // the tool call already has a result
            }

            return await ReadResult(wait.ToolCallId!, cancellationToken);
        }
        finally
        {
            attempt.EndWait();
            _oneAtATime.Release();
        }
    }

    private async Task<RecordedToolResult> ReadResult(string callId, CancellationToken cancellationToken)
    {
        var attempt = environment.Attempt;
        while (true)
        {
            await attempt.Resumed.WaitAsync(cancellationToken);
            attempt.BeginWait();
            var sentAt = environment.Timestamp;
            if ((await environment.Connection.RenewLease(attempt, cancellationToken)).Run is not { } run)
            {
                throw new AttemptLostException($"The attempt {attempt.Number} has ended while its run waited.") { RunId = attempt.RunId };
            }

            if (run.ToolResults?.LastOrDefault(result => result.ToolCallId == callId) is { } found)
            {
                attempt.Resume(run, sentAt);
                return found;
            }
        }
    }
}
