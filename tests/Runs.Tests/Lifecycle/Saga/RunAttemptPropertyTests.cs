using CsCheck;
using Runs.Contracts;
using Runs.Store;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

/// <summary>What holds for a run after any sequence of commands and timers of its execution.</summary>
public sealed class RunAttemptPropertyTests
{
    private const int BackoffLimit = 2;

    private static readonly Gen<(Step Step, int Number)[]> Sequences =
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 11]).Array[1, 40];

    private enum Step
    {
        Start,
        Claim,
        Release,
        Complete,
        Fail,
        Wait,
        Suspend,
        Resume,
        Advance,
        Due,
        Cancel,
    }

    [Fact]
    public void Every_sequence_keeps_the_rules_of_attempts() => Sequences.Sample(
        steps =>
        {
            Execute(steps).GetAwaiter().GetResult();
            return true;
        },
        iter: 2_000);

    private static async Task Execute((Step Step, int Number)[] steps)
    {
        await using var saga = new SagaMediator();
        await saga.Request(Create(request: """{"target":"task:t","backoff_limit":2,"timeout_seconds":600,"start_within_seconds":900}"""));
        var (status, attempt) = (RunStatuses.Pending, 0);
        var claims = 0;
        foreach (var (step, number) in steps)
        {
            var run = saga.Written;
            int? named = number % 4 == 0 ? null : Math.Max(1, run.Attempt - (number % 3));
            switch (step)
            {
                case Step.Start:
                    await saga.Request(Start());
                    break;
                case Step.Claim:
                    var id = $"5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f{(number == 0 ? claims : ++claims):0000}";
                    await saga.Request(Claim(id) with { Fenced = number % 2 == 0, LeaseSeconds = 5 });
                    break;
                case Step.Release:
                    await saga.Request(Release(named ?? 1, ReleaseReasons.All[number % 3]));
                    break;
                case Step.Complete when number == 11: // otherwise, most sequences would end early
                    await saga.Request(Complete() with { Attempt = named });
                    break;
                case Step.Fail when named is not null || number == 0:
                    await saga.Request(Complete(RunStatuses.Failed) with
                    {
                        Attempt = named,
                        Retryable = number == 5 ? false : null,
                        RetryAfterSeconds = number % 5 == 0 ? 0 : null,
                    });
                    break;
                case Step.Wait:
                    await saga.Request(
                        number < 3
                            ? Wait(toolCallId: null, WaitingReasons.Event) with { Attempt = named }
                            : Wait($"call_{number}") with { Attempt = named });
                    break;
                case Step.Suspend:
                    await saga.Request(Wait($"call_{number}") with { Attempt = named ?? 1, Release = true });
                    break;
                case Step.Resume:
                    await saga.Request(Resume(run.WaitingToolCallId));
                    break;
                case Step.Advance:
                    saga.Clock.Advance(TimeSpan.FromSeconds(1 << number)); // up to half an hour
                    break;
                case Step.Due:
                    var dueAt = run.DueAt;
                    await saga.Send(Due());
                    AssertHandled(saga, dueAt);
                    break;
                case Step.Cancel when number == 11:
                    await saga.Request(Cancel());
                    break;
            }

            run = saga.Written;
            AssertMayFollow(status, run.Status);
            Assert.InRange(run.Attempt, attempt, attempt + 1);
            (status, attempt) = (run.Status, run.Attempt);
            AssertConsistent(run);
        }
    }

    // Otherwise, the run would be sent to the state machine again and again, and hide others that are due.
    private static void AssertHandled(SagaMediator saga, DateTimeOffset? dueAt) =>
        Assert.True(saga.Written.DueAt != dueAt || dueAt is null || dueAt > saga.Clock.GetUtcNow(), $"{saga.Written.Status} is still due.");

    private static void AssertMayFollow(string from, string to)
    {
        var allowed = from switch
        {
            RunStatuses.Pending => RunStatuses.All,
            RunStatuses.Running or RunStatuses.Waiting => RunStatuses.All.Except([RunStatuses.Pending]),
            _ => [from],
        };
        Assert.Contains(to, allowed);
    }

    private static void AssertConsistent(Run run)
    {
        var isExecuted = run is { Status: RunStatuses.Running, Phase: null };
        var isRetrying = run.Phase == Run.Retrying;
        var hasEnded = RunStatuses.IsTerminal(run.Status);
        Assert.True(run.Phase is null || run.Status == RunStatuses.Running);

        var open = run.Attempts.Where(attempt => attempt.EndedAt is null).ToList();
        Assert.True(open.Count == (isExecuted ? 1 : 0) || (run.Status == RunStatuses.Waiting && open.Count <= 1));
        Assert.All(open, attempt => Assert.Equal(run.Attempt, attempt.Attempt));
        Assert.Equal(Enumerable.Range(1, run.Attempt).TakeLast(RunAttempt.MaxPerRun), run.Attempts.Select(attempt => attempt.Attempt));
        Assert.All(run.Attempts, attempt => Assert.Equal(attempt.EndedAt is null, attempt.Outcome is null));

        var failures = run.Attempts.Count(attempt => attempt.Outcome is AttemptOutcomes.Failed or AttemptOutcomes.Lost);
        Assert.Equal(failures, run.FailedAttempts);
        Assert.InRange(failures, 0, BackoffLimit + 1);

        var isReady = run.Status == RunStatuses.Pending || (isRetrying && run.RetryAt is null);
        Assert.Equal(isReady, run.ClaimRank is not null);
        Assert.Equal(isReady, run.ClaimPool is not null && run.ClaimKindPool is not null);
        Assert.True(isRetrying || run.RetryAt is null);

        var isLeased = run.LeaseOwner is not null;
        Assert.True(!isLeased || open.Count == 1);
        Assert.Equal(isLeased, run.LeaseExpiresAt is not null);
        Assert.Equal(run.LeaseOwner, isLeased ? open[0].WorkerId : null);
        Assert.True(isLeased || !run.LeaseFenced);

        Assert.Equal(hasEnded ? null : GetTimers(run).Min(), run.DueAt);
        Assert.Equal(run.Status == RunStatuses.Waiting, run.WaitingReason is not null);

        var types = run.EmbeddedEvents.ConvertAll(logged => logged.EventType);
        Assert.Equal(run.StartedAt is null ? 0 : 1, types.Count(type => type == RunEventTypes.RunStarted));
        Assert.Equal(hasEnded ? 1 : 0, types.Count(RunEventTypes.IsTerminal));
        Assert.True(!hasEnded || RunEventTypes.IsTerminal(types[^1]));
        Assert.Single(run.Outbox, message => message.Type == nameof(RunAccepted));
        Assert.Equal(hasEnded ? 1 : 0, run.Outbox.Count(message => message.Type == nameof(RunFinished)));
        Assert.Equal(run.Outbox.Count, run.Outbox.DistinctBy(message => message.MessageId).Count());
    }

    private static IEnumerable<DateTimeOffset?> GetTimers(Run run) => run switch
    {
        { Status: RunStatuses.Pending } => [run.StartBefore],
        { Status: RunStatuses.Waiting } => [run.WaitExpiresAt, run.LeaseExpiresAt?.AddSeconds(5)],
        { Phase: Run.Retrying } => [run.TimeoutAt, run.RetryAt],
        _ => [run.TimeoutAt, run.LeaseExpiresAt?.AddSeconds(5)],
    };
}
