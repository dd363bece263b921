using System.Text.Json;
using MassTransit;
using MassTransit.Testing;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

public sealed class OutboxDispatcherTests : IAsyncLifetime
{
    private static readonly StoreUnavailableException Unavailable = new("Unavailable.", null);

    private readonly FakeLogger<OutboxDispatcher> _log = new();
    private LifecycleHarness _harness = null!;
    private OutboxDispatcher _dispatcher = null!;

    public async Task InitializeAsync()
    {
        _harness = await LifecycleHarness.Start(withRole: false);
        var options = Options.Create(new LifecycleOptions());
        _dispatcher = _harness.CreateOutboxDispatcher(new CascadeQueue(), options, _log);
    }

    public async Task DisposeAsync()
    {
        await _dispatcher.StopAsync(default);
        _dispatcher.Dispose();
        await _harness.DisposeAsync();
    }

    [Fact]
    public async Task Messages_are_published_with_their_ids_and_then_cleared()
    {
        var run = await Insert(Message("1"), Message("2"));

        await _dispatcher.Dispatch([run], default);

        Assert.Equal(run.Outbox.Select(message => (Guid?)message.MessageId).Order(), PublishedIds().Order());
        Assert.Empty(await ReadOutbox(run));
    }

    [Fact]
    public async Task An_event_that_offers_a_run_has_its_routing_key_and_no_other_event_has_one()
    {
        var ready = RunMessages.CreateRunReady(TestRuns.Create(), ReadyReasons.Retry, TestRuns.Noon);
        var offer = new OutboxMessage(
            RunIds.ForRun("message", "offer"), nameof(RunReady), new RawJson(JsonSerializer.Serialize(ready)))
        { Message = null };
        var run = await Insert(offer, Message("1"));

        await _dispatcher.Dispatch([run], default);

        Assert.Equal(OfferRoutingKey.Get(ready), GetRoutingKey(Assert.Single(_harness.GetPublished<RunReady>())));
        Assert.Null(GetRoutingKey(Assert.Single(_harness.GetPublished<RunStarted>())));

        static string? GetRoutingKey(PublishContext context) =>
            context.TryGetPayload(out RoutingKeySendContext? routing) ? routing.RoutingKey : null;
    }

    [Fact]
    public async Task Messages_after_a_failed_one_stay_in_the_outbox()
    {
        var run = await Insert(Message("1"), Message("2") with { Body = new RawJson("[]") }, Message("3"));

        await _dispatcher.Dispatch([run], default);

        Assert.Equal([run.Outbox[0].MessageId], PublishedIds());
        Assert.Equal(run.Outbox.Skip(1).Select(message => message.MessageId), await ReadOutbox(run));
        Assert.IsType<JsonException>(Assert.Single(LoggedExceptions()));
    }

    [Fact]
    public async Task Messages_of_a_later_release_stay_in_the_outbox_and_do_not_hold_up_the_others()
    {
        var run = await Insert(Message("1") with { Type = "RunPurged" }, Message("2"));

        await _dispatcher.Dispatch([run], default);
        await _dispatcher.Dispatch([run], default);

        Assert.Equal([run.Outbox[1].MessageId], PublishedIds());
        Assert.Equal([run.Outbox[0].MessageId], await ReadOutbox(run));
        Assert.Contains("RunPurged", Assert.Single(_log.Collector.GetSnapshot()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_could_not_be_cleared_is_not_published_again()
    {
        var run = await Insert(Message("1"));
        _harness.Script.FailNext(nameof(IRunStore.ClearOutbox), Unavailable);

        await _dispatcher.Dispatch([run], default);
        Assert.Same(Unavailable, Assert.Single(LoggedExceptions()));
        Assert.Single(await ReadOutbox(run));
        await _dispatcher.Dispatch([run], default);

        Assert.Single(PublishedIds());
        Assert.Empty(await ReadOutbox(run));
    }

    [Fact]
    public async Task An_empty_outbox_needs_no_store_call()
    {
        var run = await Insert();

        await _dispatcher.Dispatch([run], default);

        Assert.DoesNotContain(nameof(IRunStore.ClearOutbox), _harness.Script.Calls);
        Assert.DoesNotContain(nameof(IRunStore.GetStatuses), _harness.Script.Calls);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task Each_message_of_an_enqueued_run_is_dispatched_with_the_version_that_added_it(int first, int second)
    {
        var run = await Insert(Message("1"), Own("2"));
        Run[] versions = [run.NextVersion(older => (older.Version, older.Outbox) = (0, [Own("1")])), run];
        _dispatcher.Enqueue(versions[first]);
        _dispatcher.Enqueue(versions[second]);

        await _dispatcher.StartAsync(default);

        await Eventually.Succeeds(async () =>
        {
            _harness.Clock.Advance(TimeSpan.FromMilliseconds(50));
            Assert.Empty(await ReadOutbox(run));
        });
        Assert.Equal(2, PublishedIds().Count);
    }

    [Fact]
    public async Task Messages_that_another_process_added_are_left_to_it()
    {
        _harness.Script.ReturnNext<IReadOnlyList<RunWithOutbox>>(nameof(IRunStore.ListWithOutbox), []);
        var run = await Insert(Message("1"), Own("2"));
        await _dispatcher.StartAsync(default);
        _dispatcher.Enqueue(run);

        await Eventually.Succeeds(async () =>
        {
            _harness.Clock.Advance(TimeSpan.FromMilliseconds(50));
            Assert.Equal([run.Outbox[0].MessageId], await ReadOutbox(run));
        });
        Assert.Equal([run.Outbox[1].MessageId], PublishedIds());
    }

    [Fact]
    public async Task Messages_of_many_runs_are_cleared_in_one_call_soon_after_they_were_published()
    {
        _harness.Script.ReturnNext<IReadOnlyList<RunWithOutbox>>(nameof(IRunStore.ListWithOutbox), []);
        var runs = new[] { await Insert(Own("1")), await Insert(Own("2")) };
        await _dispatcher.StartAsync(default);

        foreach (var run in runs)
        {
            _dispatcher.Enqueue(run);
            await Eventually.Holds(() => Task.FromResult(PublishedIds().Contains(run.Outbox[0].MessageId)));
        }

        Assert.DoesNotContain(nameof(IRunStore.ClearOutbox), _harness.Script.Calls);
        await Eventually.Succeeds(async () =>
        {
            _harness.Clock.Advance(TimeSpan.FromMilliseconds(50));
            Assert.Empty(await ReadOutbox(runs[0]));
            Assert.Empty(await ReadOutbox(runs[1]));
        });
        Assert.Single(_harness.Script.Calls, nameof(IRunStore.ClearOutbox));
    }

    [Fact]
    public async Task Published_messages_are_cleared_before_the_dispatcher_stops()
    {
        _harness.Script.ReturnNext<IReadOnlyList<RunWithOutbox>>(nameof(IRunStore.ListWithOutbox), []);
        var run = await Insert(Own("1"));
        await _dispatcher.StartAsync(default);
        _dispatcher.Enqueue(run);
        await Eventually.Holds(() => Task.FromResult(PublishedIds().Count == 1));

        await _dispatcher.StopAsync(default);

        Assert.Empty(await ReadOutbox(run));
    }

    [Fact]
    public async Task Messages_that_another_process_left_are_dispatched_when_the_dispatcher_starts()
    {
        var run = await Insert(Message("1"));

        await _dispatcher.StartAsync(default);

        await Eventually.Succeeds(async () => Assert.Empty(await ReadOutbox(run)));
    }

    [Fact]
    public async Task Later_messages_are_dispatched_after_the_minimum_age()
    {
        var first = await Insert(Message("0"));
        await _dispatcher.StartAsync(default);
        await Eventually.Succeeds(async () => Assert.Empty(await ReadOutbox(first))); // the first sweep has listed the runs
        var run = await Insert(Message("1"));

        await Sweep(2);
        await Sweep(3);
        Assert.Single(await ReadOutbox(run));

        await Eventually.Succeeds(async () =>
        {
            _harness.Clock.Advance(TimeSpan.FromSeconds(2));
            Assert.Empty(await ReadOutbox(run));
        });
    }

    [Fact]
    public async Task A_failed_sweep_is_repeated()
    {
        var run = await Insert(Message("1"));
        _harness.Script.FailNext(nameof(IRunStore.ListWithOutbox), Unavailable);

        await _dispatcher.StartAsync(default);
        await WaitForSweeps(1);
        await Sweep(2);

        await Eventually.Succeeds(async () => Assert.Empty(await ReadOutbox(run)));
        Assert.Same(Unavailable, Assert.Single(LoggedExceptions()));
    }

    [Fact]
    public async Task A_sweep_tries_each_outbox_once_also_when_it_cannot_be_published()
    {
        await Insert(Message("1") with { Body = new RawJson("[]") });

        await _dispatcher.StartAsync(default);
        await WaitForSweeps(1);
        var later = await Insert(Message("2"));

        await Eventually.Succeeds(async () =>
        {
            _harness.Clock.Advance(TimeSpan.FromSeconds(2));
            Assert.Empty(await ReadOutbox(later));
        });
    }

    [Fact]
    public async Task A_failure_to_clear_published_messages_is_logged_and_later_ones_are_cleared()
    {
        _harness.Script.ReturnNext<IReadOnlyList<RunWithOutbox>>(nameof(IRunStore.ListWithOutbox), []);
        _harness.Script.FailNext(nameof(IRunStore.ClearOutbox), Unavailable);
        var (first, later) = (await Insert(Own("1")), await Insert(Own("2")));
        await _dispatcher.StartAsync(default);

        _dispatcher.Enqueue(first);
        await AdvanceUntil(() => LoggedExceptions().Contains(Unavailable));
        _dispatcher.Enqueue(later);
        await AdvanceUntil(() => _harness.Script.Calls.Count(call => call == nameof(IRunStore.ClearOutbox)) == 2);

        await Eventually.Succeeds(async () => Assert.Empty(await ReadOutbox(later)));
        Assert.Single(await ReadOutbox(first));

        Task AdvanceUntil(Func<bool> condition) => Eventually.Holds(() =>
        {
            if (condition())
            {
                return Task.FromResult(true);
            }

            _harness.Clock.Advance(TimeSpan.FromMilliseconds(10)); // few, so that no sweep is due
            return Task.FromResult(false);
        });
    }

    [Fact]
    public async Task A_failure_to_check_ancestors_is_logged_and_later_messages_are_published()
    {
        _harness.Script.ReturnNext<IReadOnlyList<RunWithOutbox>>(nameof(IRunStore.ListWithOutbox), []);
        _harness.Script.FailNext(nameof(IRunStore.GetStatuses), Unavailable);
        var check = new CheckAncestors("dev", "run_1", "parent");
        var body = new RawJson(JsonSerializer.Serialize(check));
        var checking = await Insert(
            new OutboxMessage(RunIds.ForRun("message", "check"), nameof(CheckAncestors), body) { Message = check });
        var later = await Insert(Own("2"));
        await _dispatcher.StartAsync(default);

        _dispatcher.Enqueue(checking);
        await Eventually.Holds(() => Task.FromResult(LoggedExceptions().Contains(Unavailable)));
        _dispatcher.Enqueue(later);

        await Eventually.Holds(() => Task.FromResult(PublishedIds().Contains(later.Outbox[0].MessageId)));
        Assert.Single(await ReadOutbox(checking));
    }

    [Fact]
    public async Task Outboxes_that_the_store_returns_in_parts_are_all_dispatched()
    {
        var (one, other) = (await Insert(Message("1")), await Insert(Message("2")));
        _harness.Script.ReturnNext<IReadOnlyList<Run>>(nameof(IRunStore.ReadOutboxes), [one]);

        await _dispatcher.StartAsync(default);

        await Eventually.Succeeds(async () =>
        {
            Assert.Empty(await ReadOutbox(one));
            Assert.Empty(await ReadOutbox(other));
        });
    }

    /// <summary>A message as it is read from the store.</summary>
    private static OutboxMessage Message(string id) => Own(id) with { Message = null };

    /// <summary>A message that this process added.</summary>
    private static OutboxMessage Own(string id)
    {
        var message = new RunStarted
        {
            Tenant = "dev",
            RunId = "run_1",
            Kind = RunKinds.Task,
            Owner = Create().Owner,
            OccurredAt = TestRuns.Noon,
        };
        var body = new RawJson(JsonSerializer.Serialize(message));
        return new OutboxMessage(RunIds.ForRun("message", id), nameof(RunStarted), body) { Message = message };
    }

    private async Task<Run> Insert(params OutboxMessage[] messages)
    {
        var run = TestRuns.Create();
        run.Outbox = [.. messages];
        Assert.True(await _harness.Store.TryInsert(run, default));
        return run;
    }

    private async Task<IEnumerable<Guid>> ReadOutbox(Run run) =>
        (await _harness.Store.Find(run.Id, default))!.Outbox.Select(message => message.MessageId);

    private IEnumerable<Exception?> LoggedExceptions() => _log.Collector.GetSnapshot().Select(record => record.Exception);

    private List<Guid?> PublishedIds() => [.. _harness.GetPublished<RunStarted>().Select(published => published.MessageId)];

    private async Task Sweep(int number)
    {
        _harness.Clock.Advance(TimeSpan.FromSeconds(2));
        await WaitForSweeps(number);
    }

    private Task WaitForSweeps(int count) => Eventually.Holds(() =>
        Task.FromResult(_harness.Script.Calls.Count(call => call == nameof(IRunStore.ListWithOutbox)) >= count));
}
