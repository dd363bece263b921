using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Batches;

/// <summary>How the API gathers the commands of concurrent callers, on a clock that only a test advances.</summary>
public sealed class CommandBatcherTests
{
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _clock = new();
    private readonly List<SentBatch> _sent = [];
    private readonly CommandBatcher _batcher;
    private Func<Task> _send = () => Task.CompletedTask;

    public CommandBatcherTests() => _batcher = new CommandBatcher(
        (id, batch, _) =>
        {
            _sent.Add(new SentBatch(id, BatchFormat.Commands.Read(batch.ToJson())));
            return _send();
        },
        ReplyTimeout,
        _clock);

    [Fact]
    public async Task A_lone_command_is_sent_at_once_and_gets_its_reply()
    {
        var reply = Send("run_1");

        var command = Assert.Single(Assert.Single(_sent).Commands);
        Assert.Equal("run_1", ((StartRun)command.GetMessage()).RunId);
        Reply(_sent[0]);
        Assert.Equal(command.MessageId.ToString(), await CodeOf(reply));
    }

    [Fact]
    public async Task Commands_that_arrive_while_two_batches_are_under_way_leave_together_in_their_order()
    {
        var replies = Enumerable.Range(1, 6).Select(i => Send($"run_{i}")).ToList();
        Assert.Equal(["run_1", "run_2"], SentRuns());

        Reply(_sent[1]);

        Assert.Equal(3, _sent.Count);
        Assert.Equal(["run_1", "run_2", "run_3", "run_4", "run_5", "run_6"], SentRuns());
        Reply(_sent[2]);
        Reply(_sent[0]);
        var codes = await Task.WhenAll(replies.Select(CodeOf));
        Assert.Equal(_sent.SelectMany(batch => batch.Commands).Select(command => command.MessageId.ToString()), codes);
    }

    [Fact]
    public void A_batch_has_at_most_64_commands()
    {
        for (var i = 0; i < 2 + 64 + 1; i++)
        {
            _ = Send($"run_{i}");
        }

        Reply(_sent[0]);
        Reply(_sent[1]);

        Assert.Equal([1, 1, 64, 1], _sent.Select(batch => batch.Commands.Count));
    }

    [Fact]
    public void A_batch_of_the_largest_shared_commands_is_one_mebibyte() =>
        Assert.Equal(EncodedBatch.MaxBytes, CommandBatcher.MaxCommands * CommandBatcher.MaxSharedCommandBytes);

    [Fact]
    public void A_large_command_is_sent_alone_and_takes_no_slot()
    {
        _ = Send("large_1", bytes: 300 * 1024);
        _ = Send("run_1");
        _ = Send("run_2");
        _ = Send("run_3");
        _ = Send("large_2", bytes: 300 * 1024);

        Assert.Equal(["large_1", "run_1", "run_2", "large_2"], SentRuns());
        Assert.All(_sent, batch => Assert.Single(batch.Commands));

        Reply(_sent[0]);
        Assert.Equal(4, _sent.Count);
        Reply(_sent[1]);
        Assert.Equal("run_3", SentRuns().Last());
    }

    [Fact]
    public async Task A_command_that_exceeds_the_size_of_a_message_is_not_sent()
    {
        await Assert.ThrowsAsync<MessageTooLargeException>(() => Send("run_1", bytes: MessageTooLargeException.MaxBytes));

        Assert.Empty(_sent);
    }

    [Fact]
    public async Task A_caller_that_leaves_does_not_take_its_command_out_of_a_batch_that_was_sent()
    {
        using var leaving = new CancellationTokenSource();
        var left = Send("run_1", cancellationToken: leaving.Token);
        var other = Send("run_2");

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Reply(_sent[0]); // a late reply is ignored
        Reply(_sent[1]);
        await other;
    }

    [Fact]
    public async Task A_caller_that_leaves_before_its_batch_takes_its_command_with_it()
    {
        using var leaving = new CancellationTokenSource();
        _ = Send("run_1");
        _ = Send("run_2");
        var left = Send("run_3", cancellationToken: leaving.Token);
        _ = Send("run_4");

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Reply(_sent[0]);

        Assert.Equal(["run_1", "run_2", "run_4"], SentRuns());
    }

    [Fact]
    public async Task A_batch_whose_callers_have_all_left_is_no_longer_under_way()
    {
        using var leaving = new CancellationTokenSource();
        var left = Send("run_1", cancellationToken: leaving.Token);
        _ = Send("run_2");
        _ = Send("run_3");

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);

        Assert.Equal(["run_1", "run_2", "run_3"], SentRuns());
    }

    [Fact]
    public async Task A_batch_without_a_reply_holds_up_further_commands_for_a_limited_time()
    {
        var slow = Send("run_1");
        _ = Send("run_2");
        _ = Send("run_3");

        _clock.Advance(CommandBatcher.MaxSlotTime - TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, _sent.Count);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(["run_1", "run_2", "run_3"], SentRuns());
        Reply(_sent[0]);
        await slow;
    }

    [Fact]
    public async Task The_first_of_several_replies_to_a_batch_lets_the_next_one_leave()
    {
        _ = Send("run_1");
        _ = Send("run_2");
        var (fast, slow) = (Send("run_3"), Send("run_4"));
        Reply(_sent[0]);
        _ = Send("run_5");

        Reply(_sent[2], _sent[2].Commands[0]);

        await fast;
        Assert.False(slow.IsCompleted);
        Assert.Equal("run_5", SentRuns().Last());
        Reply(_sent[2], _sent[2].Commands[1]);
        await slow;
    }

    [Fact]
    public async Task When_a_batch_cannot_be_sent_its_callers_learn_the_cause_and_the_next_one_leaves()
    {
        _ = Send("run_1");
        _ = Send("run_2");
        var lost = new[] { Send("run_3"), Send("run_4") };
        _send = () => Task.FromException(new TimeoutException("returned"));

        Reply(_sent[0]);

        foreach (var reply in lost)
        {
            Assert.IsType<TimeoutException>((await Assert.ThrowsAsync<CommandNotConfirmedException>(() => reply)).InnerException);
        }

        _send = () => Task.CompletedTask;
        _ = Send("run_5");
        Assert.Equal("run_5", SentRuns().Last());
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_ends_a_batch_after_the_reply_timeout()
    {
        _send = () => new TaskCompletionSource().Task;
        var reply = Send("run_1");

        _clock.Advance(ReplyTimeout);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reply.WaitAsync(Eventually.Timeout));
    }

    [Fact]
    public async Task A_failed_command_fails_only_for_its_caller()
    {
        _ = Send("run_1");
        _ = Send("run_2");
        var (failed, unreadable, other) = (Send("run_3"), Send("run_4"), Send("run_5"));
        Reply(_sent[0]);
        var commands = _sent[2].Commands;

        _batcher.Complete(new ReplyBatch(
        [
            new BatchedMessage(commands[0].MessageId, new CommandFailed("The store is on fire.")),
            new UnreadableItem(commands[1].MessageId, "The reply cannot be read.", default),
            new BatchedMessage(commands[2].MessageId, Rejection("OK")),
        ]));

        Assert.Equal("The store is on fire.", (await Assert.ThrowsAsync<CommandFailedException>(() => failed)).Message);
        Assert.Equal("The reply cannot be read.", (await Assert.ThrowsAsync<CommandFailedException>(() => unreadable)).Message);
        Assert.Equal("OK", await CodeOf(other));
    }

    [Fact]
    public async Task A_fault_of_a_batch_is_reported_to_all_of_its_callers_and_to_no_other()
    {
        var (rejected, other) = (Send("run_1"), Send("run_2"));

        _batcher.Fail(_sent[0].Id, new CommandFailedException("unreadable"));

        await Assert.ThrowsAsync<CommandFailedException>(() => rejected);
        Assert.False(other.IsCompleted);
    }

    [Fact]
    public async Task A_fault_of_a_command_that_was_sent_on_alone_is_reported_to_its_caller_only()
    {
        _ = Send("run_1");
        _ = Send("run_2");
        var (unreadable, other) = (Send("run_3"), Send("run_4"));
        Reply(_sent[0]);

        _batcher.Fail(_sent[2].Commands[0].MessageId, new CommandNotConfirmedException(new CommandFailedException("unknown type")));

        await Assert.ThrowsAsync<CommandNotConfirmedException>(() => unreadable);
        Reply(_sent[2], _sent[2].Commands[1]);
        Assert.Equal(_sent[2].Commands[1].MessageId.ToString(), await CodeOf(other));
    }

    [Fact]
    public async Task A_waiting_command_whose_caller_leaves_is_not_kept()
    {
        _ = Send("run_1");
        _ = Send("run_2");
        var caller = SendAndLeave();

        await Eventually.Holds(() =>
        {
            GC.Collect();
            return Task.FromResult(!caller.IsAlive);
        });
        Reply(_sent[0]);

        Assert.Equal(["run_1", "run_2"], SentRuns());
    }

    // The waiting command refers to the token of its caller.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference SendAndLeave()
    {
        var caller = new CancellationTokenSource();
        _ = Send("run_3", cancellationToken: caller.Token);
        caller.Cancel();
        return new WeakReference(caller);
    }

    private static RunRejected Rejection(string code) => new() { Tenant = "acme", RunId = "run_1", Code = code, Detail = "" };

    private static async Task<string> CodeOf(Task<object> reply) => ((RunRejected)await reply).Code;

    private Task<object> Send(string runId, int bytes = 0, CancellationToken cancellationToken = default) =>
        _batcher.Send(Start() with { RunId = runId, TraceId = new string('t', bytes) }, cancellationToken);

    private IEnumerable<string> SentRuns() =>
        _sent.SelectMany(batch => batch.Commands).Select(command => ((StartRun)command.GetMessage()).RunId);

    private void Reply(SentBatch batch) => Reply(batch, [.. batch.Commands]);

    /// <summary>Replies to some commands of a batch, each with its message id.</summary>
    private void Reply(SentBatch batch, params BatchItem[] commands) => _batcher.Complete(new ReplyBatch(
        [.. commands.Select(command => new BatchedMessage(command.MessageId, Rejection(command.MessageId.ToString())))]));

    private sealed record SentBatch(Guid Id, IReadOnlyList<BatchItem> Commands);
}
