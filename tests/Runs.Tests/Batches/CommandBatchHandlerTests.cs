using System.Text;
using MassTransit;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Lifecycle;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Batches;

/// <summary>How the saga handles the commands of a batch: each as if it had arrived alone.</summary>
public sealed class CommandBatchHandlerTests : IAsyncLifetime
{
    private static readonly Guid[] Ids = [.. Enumerable.Range(1, 5).Select(i => new Guid(i, 0, 0, new byte[8]))];

    private LifecycleHarness _harness = null!;
    private BatchClient _client = null!;

    public async Task InitializeAsync()
    {
        _harness = await LifecycleHarness.Start();
        _client = new BatchClient(_harness.Bus.Bus);
    }

    public async Task DisposeAsync() => await _harness.DisposeAsync();

    [Fact]
    public async Task Commands_of_a_batch_are_handled_each_by_itself_and_answered_in_one_message()
    {
        await _client.Send(
            (Ids[0], Create()),
            (Ids[1], Create() with { RunId = "run_2" }),
            (Ids[2], Start() with { RunId = "missing" }),
            (Ids[3], Create() with { RunId = "run_3", ParentRunId = "missing" }));

        Assert.True(((RunSnapshot)await _client.ReplyTo(Ids[0])).Changed);
        Assert.True(((RunSnapshot)await _client.ReplyTo(Ids[1])).Changed);
        Assert.Equal(RejectionCodes.RunNotFound, ((RunRejected)await _client.ReplyTo(Ids[2])).Code);
        Assert.Equal(RejectionCodes.ParentNotFound, ((RunRejected)await _client.ReplyTo(Ids[3])).Code);
        Assert.Single(_client.Messages);
        Assert.Equal([Ids[0], Ids[1]], [(await Accepted("run_1")).MessageId, (await Accepted("run_2")).MessageId]);
        Assert.Null(await _harness.Find("run_3"));
    }

    [Fact]
    public async Task A_batch_announces_its_inserts_to_the_store()
    {
        _harness.Script.ClearCalls();

        await _client.Send((Ids[0], Create()), (Ids[1], Create() with { RunId = "run_2" }));
        await _client.ReplyTo(Ids[1]);

        Assert.Equal(
            [nameof(IRunStore.GatherCalls), nameof(IRunStore.TryInsert), nameof(IRunStore.TryInsert)],
            _harness.Script.Calls.Where(call => call is nameof(IRunStore.GatherCalls) or nameof(IRunStore.TryInsert)));
    }

    [Fact]
    public async Task A_batch_announces_its_reads_to_the_store()
    {
        await _client.Send((Ids[0], Create()));
        await _client.ReplyTo(Ids[0]);
        _harness.Script.ClearCalls();

        await _client.Send((Ids[1], Start()), (Ids[2], Start() with { RunId = "run_2" }));
        await _client.ReplyTo(Ids[2]);

        Assert.Equal(
            [nameof(IRunStore.GatherCalls), nameof(IRunStore.Find), nameof(IRunStore.Find)],
            _harness.Script.Calls.Where(call => call is nameof(IRunStore.GatherCalls) or nameof(IRunStore.Find)).Take(3));
    }

    [Fact]
    public async Task The_same_run_twice_in_a_batch_is_created_once()
    {
        await _client.Send((Ids[0], Create()), (Ids[1], Create()));

        var replies = new[] { (RunSnapshot)await _client.ReplyTo(Ids[0]), (RunSnapshot)await _client.ReplyTo(Ids[1]) };

        Assert.Single(replies, reply => reply.Changed);
        Assert.Single((await _harness.Find("run_1"))!.AcceptedRequests);
    }

    [Fact]
    public async Task A_batch_that_is_delivered_again_changes_nothing_and_gets_the_same_replies()
    {
        await _client.Send((Ids[0], Create()));
        await _client.ReplyTo(Ids[0]);
        await _client.Send((Ids[0], Create()), (Ids[1], Start()));
        await _client.ReplyTo(Ids[1]);
        var before = await _harness.Find("run_1");

        await _client.Send((Ids[0], Create()), (Ids[1], Start()));
        await Eventually.Holds(() => Task.FromResult(_client.Replies.Count() == 5));

        Assert.All(
            _client.Replies.Where(reply => reply.MessageId == Ids[0]), reply => Assert.True(((RunSnapshot)reply.GetMessage()).Changed));
        Assert.Equal(before!.Version, (await _harness.Find("run_1"))!.Version);
    }

    [Fact]
    public async Task An_invalid_or_unreadable_command_is_sent_on_alone_and_the_others_are_handled()
    {
        var unreadable = $$$"""{"type":"CancelRun","message_id":"{{{Ids[1]}}}","command":{"tenant":"acme"}}""";

        await _client.SendEncoded(
            BatchFormat.Commands.WriteItem(Ids[0], Create() with { Tenant = "" }),
            Encoding.UTF8.GetBytes(unreadable),
            BatchFormat.Commands.WriteItem(Ids[2], Create()));

        Assert.Contains("/tenant", ((CommandFailed)await _client.ReplyTo(Ids[0])).Detail, StringComparison.Ordinal);
        Assert.True(((RunSnapshot)await _client.ReplyTo(Ids[2])).Changed);
        // The error queue keeps both, the one that cannot be read as a batch of its own.
        Assert.True(await _harness.Bus.Sent.Any<CreateRun>(sent => sent.Context.MessageId == Ids[0]));
        Assert.True(await _harness.Bus.Sent.Any<EncodedBatch>(sent => (sent.Context.MessageId, sent.Context.RequestId) == (Ids[1], Ids[1])
            && Encoding.UTF8.GetString(sent.Context.Message.ToJson()) == $"[{unreadable}]"));
        await Eventually.Holds(() => Task.FromResult(_client.Faults.Any(fault => fault.FaultedMessageId == Ids[1])));
        var cause = Assert.Single(_client.Faults.Single(fault => fault.FaultedMessageId == Ids[1]).Exceptions);
        Assert.EndsWith(".InvalidMessageException", cause.ExceptionType, StringComparison.Ordinal);
        Assert.Contains("run_id", cause.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_client.Replies, reply => reply.MessageId == Ids[1]);
    }

    [Fact]
    public async Task A_command_whose_handling_fails_is_reported_without_details_and_the_others_are_handled()
    {
        _harness.Script.FailNext(nameof(IRunStore.TryInsert), new InvalidOperationException("Secret detail."));

        await _client.Send((Ids[0], Create()), (Ids[1], Create() with { RunId = "run_2" }));

        Assert.DoesNotContain("Secret", ((CommandFailed)await _client.ReplyTo(Ids[0])).Detail, StringComparison.Ordinal);
        Assert.True(((RunSnapshot)await _client.ReplyTo(Ids[1])).Changed);
        Assert.Empty(_client.Faults);
        await Eventually.Holds(async () => await _harness.Find("run_1") is not null); // handled again, alone
        Assert.Equal(Ids[0], (await Accepted("run_1")).MessageId);
    }

    [Fact]
    public async Task A_slow_command_does_not_hold_up_the_answers_of_the_others()
    {
        var slow = new TaskCompletionSource<bool>();
        _harness.Script.ReplaceNext(nameof(IRunStore.TryInsert), slow.Task);

        await _client.Send((Ids[0], Create()), (Ids[1], Create() with { RunId = "run_2" }));
        await Eventually.Holds(() =>
        {
            _harness.Clock.Advance(CommandBatchHandler.ReplyWindow);
            return Task.FromResult(_client.Messages.Count == 1);
        });

        Assert.Equal(Ids[1], Assert.Single(_client.Replies).MessageId);
        slow.SetResult(true);
        Assert.True(((RunSnapshot)await _client.ReplyTo(Ids[0])).Changed);
    }

    [Fact]
    public async Task Commands_above_the_configured_number_wait_for_the_others_of_their_batch()
    {
        await using var harness = await LifecycleHarness.Start(settings: new() { ["Lifecycle:MaxConcurrentCommands"] = "1" });
        var client = new BatchClient(harness.Bus.Bus);
        var slow = new TaskCompletionSource<bool>();
        harness.Script.ReplaceNext(nameof(IRunStore.TryInsert), slow.Task);

        await client.Send((Ids[0], Create()), (Ids[1], Create() with { RunId = "run_2" }), (Ids[2], Create() with { RunId = "run_3" }));
        await Eventually.Holds(() => Task.FromResult(harness.Script.Calls.Contains(nameof(IRunStore.TryInsert))));
        await harness.Send(Create() with { RunId = "run_4" }); // a single command takes no slot of the batches
        var waiting = await harness.Find("run_2");
        slow.SetResult(true);

        Assert.Null(waiting);
        Assert.True(((RunSnapshot)await client.ReplyTo(Ids[0])).Changed);
        Assert.True(((RunSnapshot)await client.ReplyTo(Ids[1])).Changed);
        Assert.True(((RunSnapshot)await client.ReplyTo(Ids[2])).Changed);
    }

    [Fact]
    public async Task The_events_of_a_run_are_published_after_the_reply_to_its_command()
    {
        var slow = new TaskCompletionSource<bool>();
        _harness.Script.ReplaceNext(nameof(IRunStore.TryInsert), slow.Task);
        await _client.Send((Ids[0], Create()), (Ids[1], Create() with { RunId = "run_2" }));
        await Eventually.Holds(async () => await _harness.Find("run_2") is not null);

        await _harness.Send(Create() with { RunId = "run_3" });
        await Eventually.Holds(() => Task.FromResult(IsPublished("run_3")));

        Assert.False(IsPublished("run_2")); // its reply still waits for the slow command
        slow.SetResult(true);
        await _client.ReplyTo(Ids[1]);
        await Eventually.Holds(() => Task.FromResult(IsPublished("run_2")));
    }

    [Fact]
    public async Task The_events_of_runs_are_published_when_their_reply_cannot_be_sent()
    {
        var slow = new TaskCompletionSource<bool>();
        _harness.Script.ReplaceNext(nameof(IRunStore.TryInsert), slow.Task);
        var replies = new FailingReplies();
        _harness.Bus.Bus.ConnectSendObserver(replies);
        await _client.Send((Ids[0], Create()), (Ids[1], Create() with { RunId = "run_2" }));

        await Eventually.Holds(() =>
        {
            _harness.Clock.Advance(CommandBatchHandler.ReplyWindow);
            return Task.FromResult(replies.HasFailed && IsPublished("run_2"));
        });
        slow.SetResult(true);

        await Eventually.Holds(() => Task.FromResult(IsPublished("run_1")));
        Assert.Empty(_client.Replies);
    }

    [Fact]
    public async Task A_command_that_the_store_certainly_did_not_write_is_rejected()
    {
        var exception = new StoreUnavailableException("Unavailable.", null) { NothingWritten = true };
        _harness.Script.FailNext(nameof(IRunStore.TryInsert), exception);

        await _client.Send((Ids[0], Create()), (Ids[1], Create() with { RunId = "run_2" }));

        Assert.Equal(RejectionCodes.StoreUnavailable, ((RunRejected)await _client.ReplyTo(Ids[0])).Code);
        Assert.True(((RunSnapshot)await _client.ReplyTo(Ids[1])).Changed);
    }

    [Fact]
    public async Task Commands_that_the_unavailable_store_may_have_written_are_tried_again_and_the_others_are_not()
    {
        _harness.Script.FailNext(nameof(IRunStore.TryInsert), new StoreUnavailableException("Unavailable.", null));

        await _client.Send((Ids[0], Create()), (Ids[1], Create() with { RunId = "run_2" }));
        Assert.True(((RunSnapshot)await _client.ReplyTo(Ids[1])).Changed);
        Assert.Single(_client.Replies);
        await Eventually.Holds(() =>
        {
            _harness.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return Task.FromResult(_client.Replies.Count() == 2);
        });

        Assert.True(((RunSnapshot)await _client.ReplyTo(Ids[0])).Changed);
        Assert.Contains(nameof(IRunStore.Find), _harness.Script.Calls); // the retry reads first
        Assert.Empty(_client.Faults);
    }

    [Fact]
    public async Task A_command_that_the_store_cannot_execute_for_long_leaves_its_batch()
    {
        _harness.Script.FailNext(nameof(IRunStore.TryInsert), new StoreUnavailableException("Unavailable.", null));
        _harness.Script.FailNext(nameof(IRunStore.Find), new StoreUnavailableException("Unavailable.", null));

        await _client.Send((Ids[0], Create()), (Ids[1], Create() with { RunId = "run_2" }));
        await _client.ReplyTo(Ids[1]);
        await Eventually.Holds(async () =>
        {
            _harness.Clock.Advance(CommandBatchHandler.MaxBatchHoldTime);
            return await _harness.Find("run_1") is not null;
        });

        Assert.Equal(Ids[0], (await Accepted("run_1")).MessageId);
        await Eventually.Holds(() => Task.FromResult(
            _harness.Bus.Consumed.Select<CreateRun>(new CancellationToken(canceled: true)).Count() == 1)); // recorded after the write
        Assert.Equal(Ids[1], Assert.Single(_client.Replies).MessageId);
        Assert.Empty(_client.Faults);
    }

    [Fact]
    public async Task Changes_by_a_batch_are_changes_by_the_API()
    {
        await _client.Send((Ids[0], Create() with { Actor = new Actor { Type = ActorTypes.System, Id = "user_1" }, TraceId = "trace_1" }));
        await _client.ReplyTo(Ids[0]);

        var change = Assert.Single((await _harness.Find("run_1"))!.Changes);
        Assert.Equal(("http", "user_1", "trace_1", Ids[0]), (change.Via, change.Actor!.Id, change.TraceId, change.MessageId));
    }

    private bool IsPublished(string runId) =>
        _harness.GetPublished<RunAccepted>().Any(published => published.Message.RunId == runId);

    private async Task<AcceptedRequest> Accepted(string runId) => Assert.Single((await _harness.Find(runId))!.AcceptedRequests);

    private sealed class FailingReplies : ISendObserver
    {
        public bool HasFailed { get; private set; }

        public Task PreSend<T>(SendContext<T> context)
            where T : class
        {
            if (context.Message is not EncodedBatch { Format: var format } || format != BatchFormat.Replies)
            {
                return Task.CompletedTask;
            }

            HasFailed = true;
            return Task.FromException(new InvalidOperationException("The reply cannot be sent."));
        }

        public Task PostSend<T>(SendContext<T> context)
            where T : class => Task.CompletedTask;

        public Task SendFault<T>(SendContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }
}
