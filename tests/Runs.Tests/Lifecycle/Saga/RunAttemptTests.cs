using System.Text.Json;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Contracts;
using Runs.Tests.Stores;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// What claims, releases, failures and lost leases change in the run. The clock begins at one o'clock.
/// </summary>
public sealed class RunAttemptTests : IAsyncDisposable
{
    private const string SecondClaim = "5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f2a11";

    private static readonly DateTimeOffset Start = TestRuns.Noon.AddHours(1);

    private readonly SagaMediator _saga = new();

    private Run Stored => _saga.Written;

    [Fact]
    public async Task A_claim_begins_the_first_attempt_and_its_lease()
    {
        await Create();

        var claim = (await Send(Claim() with { InstanceId = "instance", WorkerKey = "key", LeaseSeconds = 30, Fenced = true })).Claim!;

        Assert.Equal((1, "worker", Start.AddSeconds(30)), (claim.Attempt, claim.LeaseOwner, claim.LeaseExpiresAt));
        Assert.Equal((1, 0), (claim.LatestEventId, claim.LatestExternalEventSequence));
        Assert.Equal((RunStatuses.Running, 1, 0), (Stored.Status, Stored.Attempt, Stored.FailedAttempts));
        Assert.Equal(("worker", "instance", true), (Stored.LeaseOwner, Stored.LeaseInstance, Stored.LeaseFenced));
        Assert.Equal(Start.AddSeconds(35), Stored.DueAt); // with the grace
        var attempt = new RunAttempt { Attempt = 1, WorkerId = "worker", WorkerKey = "key", ClaimId = TestData.Uuid, StartedAt = Start };
        Assert.Equal([attempt], Stored.Attempts);
        Assert.Equal((null, null, null), (Stored.ClaimRank, Stored.ClaimPool, Stored.ClaimKindPool));
        var started = GetPublished<RunStarted>();
        Assert.Equal((1, "worker"), (started.Attempt, started.WorkerId));
    }

    [Fact]
    public async Task A_lease_lasts_a_minute_by_default()
    {
        await Create();

        Assert.Equal(Start.AddSeconds(60), (await Send(Claim())).Claim!.LeaseExpiresAt);
    }

    [Fact]
    public async Task A_repeated_claim_gets_the_same_answer_and_writes_nothing()
    {
        await Create();
        var first = await Send(Claim());
        _saga.Clock.Advance(TimeSpan.FromSeconds(1));
        var version = Stored.Version;

        var second = await Send(Claim());

        Assert.Equal(first.Claim!.LeaseExpiresAt, second.Claim!.LeaseExpiresAt);
        Assert.Equal((true, true, version), (first.Changed, second.Changed, Stored.Version));
    }

    [Fact]
    public async Task A_claim_that_is_repeated_after_its_attempt_begins_no_other_one()
    {
        await Create();
        await Send(Claim());
        await Send(Release());

        Assert.Equal(RejectionCodes.RunNotClaimable, await SendRejected(Claim()));

        Assert.Equal((1, Start), (Stored.Attempt, Stored.ClaimRank));
    }

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(1, 2, 4)]
    [InlineData(2, 3, 8)]
    [InlineData(7, 8, 256)]
    [InlineData(8, 9, 300)]
    [InlineData(100, 101, 300)]
    public async Task The_delay_after_a_failure_doubles_up_to_five_minutes(int failures, int expectedFailures, int seconds)
    {
        await Create();
        await Send(Claim());
        (Stored.FailedAttempts, Stored.BackoffLimit) = (failures, 200);

        var reply = await Send(Complete(RunStatuses.Failed) with { Attempt = 1, TerminalErrorCode = "LOCKED" });

        Assert.Equal((RunStatuses.Running, Run.Retrying, expectedFailures), (Stored.Status, Stored.Phase, Stored.FailedAttempts));
        Assert.InRange((Stored.RetryAt!.Value - Start).TotalSeconds, 0.8 * seconds, 1.2 * seconds);
        Assert.Equal((Stored.RetryAt, Stored.RetryAt), (reply.Run.NextAttemptAt, Stored.DueAt));
        Assert.Equal(("LOCKED", Stored.RetryAt), (Stored.Attempts[^1].Error!.Code, Stored.Attempts[^1].RetryAt));
        Assert.Equal((null, null, null), (reply.Run.Error, reply.Run.CompletedAt, Stored.LeaseOwner));
    }

    [Fact]
    public void The_jitter_follows_from_the_run_and_the_number_of_failures()
    {
        var options = new ExecutionOptions();
        var delays = Enumerable.Range(0, 100)
            .Select(number => AttemptFailure.GetBackoff(RunIds.ForRun("acme", $"{number}"), 1, options))
            .ToList();

        Assert.True(delays.Max() - delays.Min() > TimeSpan.FromMilliseconds(500));
        Assert.Equal(AttemptFailure.GetBackoff(RunId, 3, options), AttemptFailure.GetBackoff(RunId, 3, options));
        Assert.NotEqual(2 * AttemptFailure.GetBackoff(RunId, 2, options), AttemptFailure.GetBackoff(RunId, 3, options));
    }

    [Fact]
    public async Task The_run_is_ready_again_after_the_delay()
    {
        await Create("""{"target":"task:t","backoff_limit":1,"priority":5}""");
        await Send(Claim());
        await Send(Complete(RunStatuses.Failed) with { Attempt = 1, RetryAfterSeconds = 90 });
        Assert.Equal((Start.AddSeconds(90), null), (Stored.RetryAt, Stored.ClaimRank));
        Assert.Equal(RejectionCodes.RunNotClaimable, await SendRejected(Claim(SecondClaim)));
        _saga.Clock.Advance(TimeSpan.FromSeconds(90));

        await _saga.Send(Due());

        Assert.Equal((Start.AddSeconds(85), null), (Stored.ClaimRank, Stored.DueAt));
        Assert.Equal(($"{Stored.ProjectId}/task:t", $"{Stored.ProjectId}/task:*"), (Stored.ClaimPool, Stored.ClaimKindPool));
        var ready = GetPublished<RunReady>();
        Assert.Equal((2, ReadyReasons.Retry), (ready.AttemptNext, ready.Reason));
        Assert.Equal(2, (await Send(Claim(SecondClaim))).Claim!.Attempt);
        Assert.Equal((2, "worker"), (GetPublished<RunAttemptStarted>().Attempt, GetPublished<RunAttemptStarted>().WorkerId));
        Assert.Single(Stored.Outbox, message => message.Type == nameof(RunStarted));
    }

    [Fact]
    public async Task A_failure_without_limit_is_final_and_a_lost_attempt_is_replaced_three_times()
    {
        await Create();
        for (var attempt = 1; attempt <= 4; attempt++)
        {
            await Send(Claim($"5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f2a1{attempt}"));
            _saga.Clock.Advance(TimeSpan.FromSeconds(65));
            await _saga.Send(Due());
            Assert.Equal(AttemptOutcomes.Lost, Stored.Attempts[^1].Outcome);
            _saga.Clock.Advance(TimeSpan.FromMinutes(6));
            await _saga.Send(Due());
        }

        Assert.Equal((RunStatuses.Failed, 4, 4), (Stored.Status, Stored.Attempt, Stored.FailedAttempts));
        Assert.Equal(("ATTEMPT_LOST", "The lease of the worker worker ended (failed attempt 4 of 4)."), (
            Stored.Error!.Code, Stored.Error.Message));
    }

    [Fact]
    public async Task A_run_without_retries_fails_with_its_lost_attempt()
    {
        await Create("""{"target":"task:t","backoff_limit":0}""");
        await Send(Claim());
        _saga.Clock.Advance(TimeSpan.FromSeconds(65));

        await _saga.Send(Due());

        Assert.Equal((RunStatuses.Failed, 1, "ATTEMPT_LOST"), (Stored.Status, Stored.FailedAttempts, Stored.Error!.Code));
    }

    [Fact]
    public async Task A_lease_has_a_grace_period()
    {
        await Create();
        await Send(Claim());
        _saga.Clock.Advance(TimeSpan.FromSeconds(64.999));

        await _saga.Send(Due());

        Assert.Equal("worker", Stored.LeaseOwner);
    }

    [Fact]
    public async Task A_run_whose_time_would_be_over_before_the_next_attempt_fails_with_the_error_of_the_attempt()
    {
        await Create("""{"target":"task:t","backoff_limit":5,"timeout_seconds":60}""");
        await Send(Claim());

        await Send(Complete(RunStatuses.Failed) with { Attempt = 1, RetryAfterSeconds = 60, TerminalErrorCode = "LOCKED" });

        Assert.Equal((RunStatuses.Failed, "LOCKED"), (Stored.Status, Stored.Error!.Code));
    }

    [Fact]
    public async Task The_time_limit_covers_all_attempts_and_the_delays_between_them()
    {
        await Create("""{"target":"task:t","backoff_limit":5,"timeout_seconds":60}""");
        await Send(Claim());
        _saga.Clock.Advance(TimeSpan.FromSeconds(10));
        await Send(Complete(RunStatuses.Failed) with { Attempt = 1, RetryAfterSeconds = 0 });
        await Send(Claim(SecondClaim));
        Assert.Equal(Start.AddSeconds(60), Stored.TimeoutAt);
        await Send(Complete(RunStatuses.Failed) with { Attempt = 2, RetryAfterSeconds = 0 });
        _saga.Clock.Advance(TimeSpan.FromSeconds(50));

        await _saga.Send(Due());

        Assert.Equal((RunStatuses.Failed, "TIMEOUT", 2), (Stored.Status, Stored.Error!.Code, Stored.FailedAttempts));
    }

    [Theory]
    [InlineData(ReleaseReasons.Shutdown, 0)]
    [InlineData(ReleaseReasons.Unclaimed, 0)]
    [InlineData(ReleaseReasons.Rejected, 10)]
    public async Task A_released_run_is_ready_again_and_no_failure_is_counted(string reason, int seconds)
    {
        await Create();
        await Send(Claim());

        await Send(Release(reason: reason));
        DateTimeOffset? retryAt = seconds == 0 ? null : Start.AddSeconds(seconds);
        Assert.Equal((retryAt, retryAt), (Stored.RetryAt, Stored.Attempts[^1].RetryAt));
        Assert.Equal(retryAt, GetPublished<RunAttemptEnded>().RetryAt);
        _saga.Clock.Advance(TimeSpan.FromSeconds(seconds));
        await _saga.Send(Due());

        Assert.Equal((Start.AddSeconds(seconds), 0), (Stored.ClaimRank, Stored.FailedAttempts));
        Assert.Equal((AttemptOutcomes.Released, null), (Stored.Attempts[^1].Outcome, Stored.Attempts[^1].Error));
        Assert.Equal(ReadyReasons.Released, GetPublished<RunReady>().Reason);
        Assert.Equal((1, AttemptOutcomes.Released), (GetPublished<RunAttemptEnded>().Attempt, GetPublished<RunAttemptEnded>().Outcome));
    }

    [Fact]
    public async Task Every_20th_release_in_a_row_counts_as_a_failure()
    {
        await Create("""{"target":"task:t","backoff_limit":1}""");
        for (var attempt = 1; attempt <= 40; attempt++)
        {
            _saga.Clock.Advance(TimeSpan.FromSeconds(3)); // after the delay of the 20th
            await _saga.Send(Due());
            await Send(Claim($"5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f{attempt:0000}"));
            Assert.Equal((RunStatuses.Running, attempt > 20 ? 1 : 0), (Stored.Status, Stored.FailedAttempts));
            await Send(Release(attempt));
        }

        Assert.Equal((RunStatuses.Failed, 2, "RELEASED_TOO_OFTEN"), (Stored.Status, Stored.FailedAttempts, Stored.Error!.Code));
        Assert.Equal("Workers released the run 20 times in a row.", Stored.Error.Message);
    }

    [Fact]
    public async Task A_worker_that_is_late_changes_nothing()
    {
        await Create("""{"target":"task:t","backoff_limit":3}""");
        await Send(Claim());
        await Send(Complete(RunStatuses.Failed) with { Attempt = 1, RetryAfterSeconds = 0 });
        await Send(Claim(SecondClaim));
        var version = Stored.Version;

        Assert.Equal(RejectionCodes.AttemptLost, await SendRejected(Complete() with { Attempt = 1 }));
        Assert.Equal(RejectionCodes.AttemptLost, await SendRejected(Wait() with { Attempt = 1 }));
        Assert.Equal(RejectionCodes.AttemptLost, await SendRejected(Release(attempt: 1)));
        Assert.False((await Send(Complete(RunStatuses.Failed) with { Attempt = 1 })).Changed); // the repeat of its outcome

        Assert.Equal((version, RunStatuses.Running, 2), (Stored.Version, Stored.Status, Stored.Attempt));
    }

    [Fact]
    public async Task A_suspended_run_is_ready_with_its_result_and_the_next_claim_has_it()
    {
        await Create();
        await Send(Claim());

        await Send(Wait() with { Attempt = 1, Release = true });
        Assert.Equal((RunStatuses.Waiting, null, AttemptOutcomes.Suspended), (
            Stored.Status, Stored.LeaseOwner, Stored.Attempts[^1].Outcome));
        var repeated = await Send(Wait() with { Attempt = 1, Release = true });
        Assert.Equal((false, RunStatuses.Waiting), (repeated.Changed, repeated.Run.Status));
        await Send(Resume(result: "[1.50]"));
        Assert.Equal((RunStatuses.Running, Run.Retrying, 0), (Stored.Status, Stored.Phase, Stored.FailedAttempts));
        Assert.Equal((2, ReadyReasons.Resumed), (GetPublished<RunReady>().AttemptNext, GetPublished<RunReady>().Reason));

        var claim = (await Send(Claim(SecondClaim))).Claim!;

        var result = Assert.Single(claim.ToolResults);
        Assert.Equal((2, "call_1", "[1.50]", false), (claim.Attempt, result.ToolCallId, result.Result!.Value.Text, result.IsError));
    }

    [Fact]
    public async Task A_run_that_a_worker_holds_while_it_waits_goes_on_there()
    {
        await Create();
        await Send(Claim());
        await Send(Wait() with { Attempt = 1 });

        await Send(Resume());

        Assert.Equal((RunStatuses.Running, null, "worker", 1), (Stored.Status, Stored.Phase, Stored.LeaseOwner, Stored.Attempt));
    }

    [Fact]
    public async Task A_run_that_is_released_while_it_waits_is_ready_when_its_result_arrives()
    {
        await Create();
        await Send(Claim());
        await Send(Wait() with { Attempt = 1 });

        await Send(Release(reason: ReleaseReasons.Rejected));
        Assert.Equal((RunStatuses.Waiting, null, null, null), (
            Stored.Status, Stored.LeaseOwner, Stored.ClaimRank, Stored.DueAt));
        await Send(Resume());

        Assert.Equal((Run.Retrying, Start), (Stored.Phase, Stored.ClaimRank));
        Assert.Equal(ReadyReasons.Resumed, GetPublished<RunReady>().Reason);
    }

    [Fact]
    public async Task A_lease_that_ends_while_the_run_waits_is_not_counted_as_a_failure()
    {
        await Create("""{"target":"task:t","backoff_limit":0}""");
        await Send(Claim());
        await Send(Wait() with { Attempt = 1 });
        _saga.Clock.Advance(TimeSpan.FromSeconds(65));

        await _saga.Send(Due());

        Assert.Equal((RunStatuses.Waiting, null, 0), (Stored.Status, Stored.LeaseOwner, Stored.FailedAttempts));
        Assert.Equal(AttemptOutcomes.Suspended, Stored.Attempts[^1].Outcome);
        Assert.Null(Stored.DueAt);
    }

    [Fact]
    public async Task A_failure_while_the_run_waits_ends_the_wait_and_its_form()
    {
        await Create("""{"target":"task:t","backoff_limit":1,"timeout_seconds":60}""");
        await Send(Claim());
        await Send(Wait(reason: WaitingReasons.Input) with { Attempt = 1, InputRequest = Form(), ExpiresAt = Start.AddDays(1) });

        await Send(Complete(RunStatuses.Failed) with { Attempt = 1 });

        Assert.Equal((RunStatuses.Running, Run.Retrying, null, null), (
            Stored.Status, Stored.Phase, Stored.WaitingReason, Stored.WaitExpiresAt));
        Assert.Equal(InputRequestStatuses.Cancelled, Stored.InputRequests[0].Status);
        Assert.Equal(Start.AddSeconds(60), Stored.TimeoutAt);
    }

    [Theory]
    [InlineData("\"delay_seconds\":60")]
    [InlineData("\"start_after\":\"2026-09-01T13:01:00Z\"")]
    public async Task A_delayed_run_is_announced_and_ready_when_its_time_has_come(string member)
    {
        await Create($$"""{"target":"task:t","start_within_seconds":30,{{member}}}""");
        Assert.Equal((null, Start.AddSeconds(60), Start.AddSeconds(90)), (Stored.ClaimRank, Stored.StartAfter, Stored.StartBefore));
        Assert.Equal([nameof(RunReserved)], Stored.Outbox.Select(message => message.Type));
        Assert.Equal(RejectionCodes.RunNotClaimable, await SendRejected(Claim()));
        _saga.Clock.Advance(TimeSpan.FromSeconds(60));

        await _saga.Send(Due());

        Assert.Equal((RunStatuses.Pending, Start.AddSeconds(60), Start.AddSeconds(90)), (Stored.Status, Stored.ClaimRank, Stored.DueAt));
        Assert.Equal(RunStatuses.Pending, GetPublished<RunAccepted>().Status);
        _saga.Clock.Advance(TimeSpan.FromSeconds(30));
        await _saga.Send(Due());
        Assert.Equal((RunStatuses.Failed, "START_EXPIRED"), (Stored.Status, Stored.Error!.Code));
    }

    [Fact]
    public async Task A_time_that_has_passed_does_not_delay_a_run()
    {
        await Create("""{"target":"task:t","start_after":"2026-09-01T12:59:59.999Z"}""");

        Assert.Equal(Start, Stored.ClaimRank);
    }

    [Fact]
    public async Task The_input_of_a_reserved_run_may_be_delayed()
    {
        await _saga.Request(LifecycleData.Create(RunKinds.Agent, """{"agent_id":"writer"}"""));
        Assert.Equal((null, Start.AddHours(24)), (Stored.ClaimRank, Stored.StartBefore));

        await _saga.Request(LifecycleData.Create(RunKinds.Agent, """{"agent_id":"writer","input":{},"delay_seconds":60,"priority":9}"""));

        Assert.Equal((null, null, Start.AddSeconds(60)), (Stored.ClaimRank, Stored.StartBefore, Stored.DueAt));
        Assert.DoesNotContain(Stored.Outbox, message => message.Type == nameof(RunAccepted));
        _saga.Clock.Advance(TimeSpan.FromSeconds(60));
        await _saga.Send(Due());
        Assert.Equal(Start.AddSeconds(51), Stored.ClaimRank);
    }

    [Fact]
    public async Task Every_attempt_after_the_first_is_in_the_log()
    {
        await Create("""{"target":"task:t","backoff_limit":1}""");
        await Send(Claim() with { WorkerKey = "key" });
        await Send(Complete(RunStatuses.Failed) with { Attempt = 1, TerminalErrorCode = "C", TerminalErrorMessage = "M" });
        _saga.Clock.Advance(TimeSpan.FromMinutes(1));
        await _saga.Send(Due());
        await Send(Claim(SecondClaim));
        await Send(Complete() with { Attempt = 2 });

        var events = Stored.EmbeddedEvents;
        Assert.Equal(["RUN_STARTED", "CUSTOM", "CUSTOM", "RUN_FINISHED"], events.Select(logged => logged.EventType));
        Assert.All(events, logged => Assert.True(logged is { Public: true, ExternalSequence: null }));
        var failed = JsonElement.Parse(events[1].Event.Text);
        Assert.Equal("runs.attempt", failed.GetProperty("name").GetString());
        var value = failed.GetProperty("value");
        Assert.Equal((1, "failed", "key"), (
            value.GetProperty("attempt").GetInt32(), value.GetProperty("state").GetString(), value.GetProperty("worker_key").GetString()));
        Assert.Equal("""{"message":"M","code":"C"}""", value.GetProperty("error").GetRawText());
        Assert.Equal(Stored.Attempts[0].RetryAt, value.GetProperty("next_attempt_at").GetDateTimeOffset());
        Assert.Equal("""{"attempt":2,"state":"started"}""", JsonElement.Parse(events[2].Event.Text).GetProperty("value").GetRawText());
    }

    [Fact]
    public async Task A_result_without_a_tool_call_reaches_the_next_attempt()
    {
        await Create();
        await Send(Claim());
        await Send(Wait(toolCallId: null, WaitingReasons.Event) with { Attempt = 1, Release = true });
        await Send(Resume(toolCallId: null, """{"a":1}"""));

        var claim = (await Send(Claim(SecondClaim))).Claim!;

        var result = Assert.Single(claim.ToolResults);
        Assert.Equal((null, WaitingReasons.Event, """{"a":1}"""), (result.ToolCallId, result.Reason, result.Result!.Value.Text));
        await Send(Wait(toolCallId: null, WaitingReasons.Event) with { Attempt = 2 }); // the next event is another one
        Assert.Equal(RunStatuses.Waiting, Stored.Status);
    }

    [Fact]
    public async Task Results_without_a_tool_call_do_not_displace_those_of_tool_calls()
    {
        await Create();
        await Send(Claim() with { LeaseSeconds = 300 });
        await Send(Wait() with { Attempt = 1 });
        await Send(Resume());
        for (var number = 1; number <= 51; number++)
        {
            await Send(Wait(toolCallId: null, WaitingReasons.Event) with { Attempt = 1 });
            await Send(Resume(toolCallId: null, $"{number}"));
        }

        Assert.Equal(("call_1", "2", "51", 51), (
            Stored.ToolResults[0].ToolCallId,
            Stored.ToolResults[1].Result!.Value.Text,
            Stored.ToolResults[^1].Result!.Value.Text,
            Stored.ToolResults.Count));
    }

    [Fact]
    public async Task A_redelivered_release_of_a_held_wait_changes_nothing()
    {
        var messageId = new Guid("5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f2a99");
        await Create();
        await Send(Claim());
        var wait = Wait(toolCallId: null, WaitingReasons.Event) with { Attempt = 1 };
        await Send(wait);
        await _saga.Request(wait with { Release = true }, messageId);
        await Send(Resume(toolCallId: null));

        var reply = Assert.IsType<RunSnapshot>(await _saga.Request(wait with { Release = true }, messageId));

        Assert.Equal((false, Run.Retrying), (reply.Changed, Stored.Phase));
    }

    [Fact]
    public async Task A_worker_may_hold_a_run_that_waits_and_release_it_later()
    {
        await Create("""{"target":"task:t","backoff_limit":0}""");
        await Send(Claim());
        await Send(Wait() with { Attempt = 1 });

        var released = await Send(Wait() with { Attempt = 1, Release = true });
        var repeated = await Send(Wait() with { Attempt = 1, Release = true });

        Assert.Equal((true, false), (released.Changed, repeated.Changed));
        Assert.Equal((RunStatuses.Waiting, null, AttemptOutcomes.Suspended), (
            Stored.Status, Stored.LeaseOwner, Stored.Attempts[^1].Outcome));
        await Send(Resume());
        Assert.Equal(Run.Retrying, Stored.Phase);
    }

    [Fact]
    public async Task A_result_that_arrives_after_the_lease_is_for_the_next_attempt()
    {
        await Create("""{"target":"task:t","backoff_limit":0}""");
        await Send(Claim());
        await Send(Wait() with { Attempt = 1 });
        _saga.Clock.Advance(TimeSpan.FromSeconds(65)); // with the grace

        await Send(Resume());

        Assert.Equal((Run.Retrying, 0, AttemptOutcomes.Suspended), (Stored.Phase, Stored.FailedAttempts, Stored.Attempts[^1].Outcome));
        Assert.Equal((1, AttemptOutcomes.Suspended), (GetPublished<RunAttemptEnded>().Attempt, GetPublished<RunAttemptEnded>().Outcome));
        Assert.Equal(2, (await Send(Claim(SecondClaim))).Claim!.Attempt);
    }

    [Fact]
    public async Task A_form_of_a_failed_attempt_is_requested_again_by_the_next_one()
    {
        await Create("""{"target":"task:t","backoff_limit":1}""");
        await Send(Claim());
        var wait = Wait(reason: WaitingReasons.Input) with { Attempt = 1, InputRequest = Form() };
        await Send(wait);
        await Send(Complete(RunStatuses.Failed) with { Attempt = 1, RetryAfterSeconds = 0 });
        Assert.Equal(InputRequestStatuses.Cancelled, Assert.Single(Stored.InputRequests).Status);
        await Send(Claim(SecondClaim));

        var requested = await Send(wait with { Attempt = 2 });

        Assert.Equal((true, RunStatuses.Waiting), (requested.Changed, requested.Run.Status));
        Assert.Equal([InputRequestStatuses.Cancelled, InputRequestStatuses.Open], Stored.InputRequests.Select(form => form.Status));
        Assert.Equal(2, Stored.InputRequests.DistinctBy(form => form.Id).Count()); // a response to the first one is not one to the second
        var repeated = await Send(wait with { Attempt = 2 });
        Assert.False(repeated.Changed);
        await Send(Cancel());
        Assert.False((await Send(wait with { Attempt = 2 })).Changed); // also after the run has ended
    }

    [Fact]
    public async Task An_attempt_without_a_lease_is_not_retried_released_or_suspended()
    {
        await Create("""{"target":"task:t","backoff_limit":3}""");
        await Send(LifecycleData.Start());

        Assert.Equal(RejectionCodes.AttemptLost, await SendRejected(Release()));
        await Send(Wait() with { Attempt = 1, Release = true });
        Assert.NotNull(Stored.FindCurrentAttempt());
        await Send(Resume());
        Assert.Equal((RunStatuses.Running, null), (Stored.Status, Stored.Phase));
        await Send(Complete(RunStatuses.Failed) with { Attempt = 1 });

        Assert.Equal((RunStatuses.Failed, 1), (Stored.Status, Stored.FailedAttempts));
    }

    [Fact]
    public async Task A_claim_after_its_deadline_is_rejected()
    {
        await Create();

        Assert.Equal(RejectionCodes.Expired, await SendRejected(Claim() with { ExpiresAt = Start.AddMilliseconds(-1) }));

        Assert.Equal(1, (await Send(Claim() with { ExpiresAt = Start })).Claim!.Attempt);
    }

    [Theory]
    [InlineData("\"start_within_seconds\":30", false)]
    [InlineData("\"timeout_seconds\":30", true)]
    public async Task A_run_whose_time_is_over_cannot_be_claimed(string limit, bool isRetried)
    {
        await Create($$"""{"target":"task:t","backoff_limit":1,{{limit}}}""");
        if (isRetried)
        {
            await Send(Claim());
            await Send(Complete(RunStatuses.Failed) with { Attempt = 1, RetryAfterSeconds = 0 });
        }

        _saga.Clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(RejectionCodes.RunNotClaimable, await SendRejected(Claim(SecondClaim)));
    }

    [Fact]
    public async Task A_due_time_of_other_settings_is_computed_again()
    {
        await Create();
        await Send(Claim());
        Stored.DueAt = Start.AddSeconds(1);
        _saga.Clock.Advance(TimeSpan.FromSeconds(2));

        await _saga.Send(Due());

        Assert.Equal((Start.AddSeconds(65), "worker"), (Stored.DueAt, Stored.LeaseOwner));
    }

    [Theory]
    [InlineData(AttemptOutcomes.Lost)]
    [InlineData(AttemptOutcomes.Released)]
    [InlineData(AttemptOutcomes.Suspended)]
    public async Task The_end_of_an_attempt_is_published_and_logged(string outcome)
    {
        await Create("""{"target":"task:t","backoff_limit":1}""");
        await Send(Claim());
        _saga.Clock.Advance(TimeSpan.FromSeconds(65));
        switch (outcome)
        {
            case AttemptOutcomes.Lost:
                await _saga.Send(Due());
                break;
            case AttemptOutcomes.Released:
                await Send(Release());
                break;
            default:
                await Send(Wait() with { Attempt = 1, Release = true });
                break;
        }

        var ended = GetPublished<RunAttemptEnded>();
        Assert.Equal((1, outcome, Stored.Attempts[0].RetryAt), (ended.Attempt, ended.Outcome, ended.RetryAt));
        Assert.Equal(outcome == AttemptOutcomes.Lost ? "ATTEMPT_LOST" : null, ended.Error?.Code);
        var logged = Stored.EmbeddedEvents.Last(entry => entry.EventType == "CUSTOM");
        Assert.Equal(outcome, JsonElement.Parse(logged.Event.Text).GetProperty("value").GetProperty("state").GetString());
        Assert.Equal(outcome == AttemptOutcomes.Released ? 1 : 0, Stored.Outbox.Count(message => message.Type == nameof(RunReady)));
    }

    [Fact]
    public async Task A_timer_that_ends_the_run_precedes_the_lease()
    {
        await Create("""{"target":"task:t","backoff_limit":5,"timeout_seconds":62}""");
        await Send(Claim());
        _saga.Clock.Advance(TimeSpan.FromMinutes(5));

        await _saga.Send(Due());

        Assert.Equal((RunStatuses.Failed, "TIMEOUT", "TIMEOUT"), (Stored.Status, Stored.Error!.Code, Stored.Attempts[^1].Error!.Code));
    }

    [Fact]
    public async Task An_expired_wait_precedes_the_lease()
    {
        await Create();
        await Send(Claim());
        await Send(Wait() with { Attempt = 1, ExpiresAt = Start.AddSeconds(70) });
        _saga.Clock.Advance(TimeSpan.FromMinutes(5));

        await _saga.Send(Due());

        Assert.Equal("WAIT_EXPIRED", Stored.Error!.Code);
    }

    [Fact]
    public async Task A_start_that_is_too_late_precedes_the_start_time()
    {
        await Create("""{"target":"task:t","delay_seconds":60,"start_within_seconds":30}""");
        _saga.Clock.Advance(TimeSpan.FromMinutes(5));

        await _saga.Send(Due());

        Assert.Equal("START_EXPIRED", Stored.Error!.Code);
    }

    [Fact]
    public async Task A_failure_after_a_long_wait_is_retried_within_a_new_time_limit()
    {
        await Create("""{"target":"task:t","backoff_limit":5,"timeout_seconds":60}""");
        await Send(Claim() with { LeaseSeconds = 300 });
        await Send(Wait() with { Attempt = 1 });
        _saga.Clock.Advance(TimeSpan.FromSeconds(200));

        await Send(Complete(RunStatuses.Failed) with { Attempt = 1, RetryAfterSeconds = 59 });

        Assert.Equal((Run.Retrying, Start.AddSeconds(260)), (Stored.Phase, Stored.TimeoutAt));
    }

    [Fact]
    public async Task The_start_of_a_reserved_run_keeps_what_its_create_has_set()
    {
        await _saga.Request(LifecycleData.Create(RunKinds.Agent, """
            {"agent_id":"writer","priority":9,"timeout_seconds":8,"backoff_limit":7,"start_within_seconds":600,"delay_seconds":60}
            """));
        Assert.Equal(Start.AddSeconds(660), Stored.StartBefore);
        _saga.Clock.Advance(TimeSpan.FromSeconds(10));

        await _saga.Request(LifecycleData.Create(RunKinds.Agent, """{"agent_id":"writer","input":{},"priority":6}"""));

        Assert.Equal((6, 8, 7), (Stored.Priority, Stored.TimeoutSeconds, Stored.BackoffLimit));
        Assert.Equal((Start.AddSeconds(60), Start.AddSeconds(660), null), (Stored.StartAfter, Stored.StartBefore, Stored.ClaimRank));
    }

    [Fact]
    public async Task Releases_in_a_row_are_counted_from_the_last_other_end()
    {
        await Create("""{"target":"task:t","backoff_limit":5}""");
        for (var attempt = 1; attempt <= 25; attempt++)
        {
            await Send(Claim($"5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f{attempt:0000}"));
            await (attempt == 10
                ? Send(Complete(RunStatuses.Failed) with { Attempt = attempt, RetryAfterSeconds = 0 })
                : Send(Release(attempt)));
        }

        Assert.Equal((1, Run.Retrying), (Stored.FailedAttempts, Stored.Phase));
    }

    [Fact]
    public async Task The_last_50_attempts_are_kept_with_short_errors()
    {
        await Create("""{"target":"task:t","backoff_limit":100}""");
        for (var attempt = 1; attempt <= 51; attempt++)
        {
            await Send(Claim($"5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f{attempt:0000}"));
            await Send(Complete(RunStatuses.Failed) with
            {
                Attempt = attempt,
                RetryAfterSeconds = 0,
                TerminalErrorMessage = new string('x', 1023) + "🏃",
            });
        }

        Assert.Equal((50, 2, 51), (Stored.Attempts.Count, Stored.Attempts[0].Attempt, Stored.FailedAttempts));
        Assert.Equal(new string('x', 1023), Stored.Attempts[^1].Error!.Message); // not half a character
    }

    [Fact]
    public async Task The_values_of_the_last_results_are_kept()
    {
        await Create();
        await Send(Claim());
        for (var call = 1; call <= 5; call++)
        {
            await Send(Wait($"call_{call}") with { Attempt = 1 });
            await Send(Resume($"call_{call}", $"\"{new string('x', 60_000)}\""));
        }

        Assert.Equal([false, true, true, true, true], Stored.ToolResults.Select(result => result.Result is not null));
        await Send(Wait("call_6") with { Attempt = 1 });
        await Send(Resume("call_6", "[" + new string(' ', 100_000) + "9007199254740993.0]"));
        Assert.Equal("[9007199254740993.0]", Stored.ToolResults[^1].Result!.Value.Text); // without the white space
    }

    [Fact]
    public async Task A_run_of_a_former_release_can_be_claimed()
    {
        await using var saga = new SagaMediator(StoredRun(RunStatuses.Pending));

        Assert.IsType<RunRejected>(await saga.Request(Claim() with { Pool = "p/task:other" }));
        var reply = Assert.IsType<RunSnapshot>(await saga.Request(Claim()));

        Assert.Equal(1, reply.Claim!.Attempt);
    }

    public ValueTask DisposeAsync() => _saga.DisposeAsync();

    private Task<object> Create(string request = """{"target":"task:t"}""") => _saga.Request(LifecycleData.Create(request: request));

    private async Task<RunSnapshot> Send<T>(T command)
        where T : class => Assert.IsType<RunSnapshot>(await _saga.Request(command));

    private async Task<string> SendRejected<T>(T command)
        where T : class => Assert.IsType<RunRejected>(await _saga.Request(command)).Code;

    private T GetPublished<T>() => Stored.Outbox.Select(message => message.Message).OfType<T>().Last();
}
