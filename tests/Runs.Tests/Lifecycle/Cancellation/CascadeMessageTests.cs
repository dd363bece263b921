using System.Text.Json;
using MassTransit.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>The messages of a run's outbox that start or check a cascade. They are not published.</summary>
public sealed class CascadeMessageTests : IAsyncLifetime
{
    private readonly CascadeQueue _cascades = new();
    private LifecycleHarness _harness = null!;
    private OutboxDispatcher _dispatcher = null!;

    public async Task InitializeAsync()
    {
        _harness = await LifecycleHarness.Start(withRole: false);
        var options = Options.Create(new LifecycleOptions());
        _dispatcher = _harness.CreateOutboxDispatcher(_cascades, options, NullLogger<OutboxDispatcher>.Instance);
    }

    public async Task DisposeAsync()
    {
        _dispatcher.Dispose();
        await _harness.DisposeAsync();
    }

    [Fact]
    public async Task A_request_to_cancel_descendants_is_enqueued_and_stays_in_the_outbox()
    {
        var message = Message(new CancelDescendants("dev", "run_1"));
        var run = await Insert(message);

        await _dispatcher.Dispatch([run], default);

        var cascade = await _cascades.ReadAll(default).FirstAsync();
        Assert.Equal((run.Tenant, run.RunId, message.MessageId), (cascade.Tenant, cascade.RunId, cascade.OutboxMessageId));
        Assert.Null(cascade.UncheckedParentRunId);
        Assert.Empty(_harness.GetPublished<CancelDescendants>());
        Assert.Single(await ReadOutbox(run));
    }

    [Theory]
    [InlineData(RunStatuses.Running)]
    [InlineData(null)]
    public async Task An_ancestor_check_is_completed_if_the_parent_is_active_or_unknown(string? status)
    {
        var parent = status is null ? "unknown" : (await InsertParent(status)).RunId;
        var run = await Insert(Message(new CheckAncestors("dev", "run_1", parent)));

        await _dispatcher.Dispatch([run], default);

        Assert.Empty(await ReadOutbox(run));
        _cascades.Enqueue(new CancellationCascade("dev", "last", null, null));
        Assert.Equal("last", (await _cascades.ReadAll(default).FirstAsync()).RunId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_ancestor_check_below_an_ended_parent_is_enqueued(bool isDeserialized)
    {
        var parent = await InsertParent(RunStatuses.Completed);
        var check = new CheckAncestors("dev", "run_1", parent.RunId);
        var message = Message(check) with { Message = isDeserialized ? check : null };
        var run = await Insert(message);

        await _dispatcher.Dispatch([run], default);

        var cascade = await _cascades.ReadAll(default).FirstAsync();
        Assert.Equal(("dev", "run_1", parent.RunId), (cascade.Tenant, cascade.RunId, cascade.UncheckedParentRunId));
        Assert.Equal(message.MessageId, cascade.OutboxMessageId);
        Assert.Single(await ReadOutbox(run));
    }

    private static OutboxMessage Message<T>(T message) =>
        new(RunIds.ForRun("message", "1"), typeof(T).Name, new RawJson(JsonSerializer.Serialize(message)));

    private async Task<Run> Insert(params OutboxMessage[] messages)
    {
        var run = TestRuns.Create();
        run.Outbox = [.. messages];
        Assert.True(await _harness.Store.TryInsert(run, default));
        return run;
    }

    private async Task<Run> InsertParent(string status)
    {
        var run = TestRuns.Create();
        run.Status = status;
        Assert.True(await _harness.Store.TryInsert(run, default));
        return run;
    }

    private async Task<IEnumerable<Guid>> ReadOutbox(Run run) =>
        (await _harness.Store.Find(run.Id, default))!.Outbox.Select(message => message.MessageId);
}
