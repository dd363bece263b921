using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

/// <summary>Snapshots of logs that are expensive to compact.</summary>
public sealed class LogSnapshotTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    [Fact]
    public async Task The_end_of_a_message_is_found_without_scanning_all_open_messages()
    {
        // Takes seconds; a search through all open messages would take many minutes.
        var log = await Task.Run(Compact).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(400_000, log.EventCount);

        static LogCompactor Compact()
        {
            var log = new LogCompactor();
            for (var i = 1; i <= 200_000; i++)
            {
                log.Add(Event(i, $$"""{"type":"TEXT_MESSAGE_CONTENT","messageId":"{{i}}","delta":""}"""));
            }

            for (var i = 1; i <= 200_000; i++)
            {
                log.Add(Event(200_000 + i, """{"type":"STEP_END","messageId":"none"}"""));
            }

            return log;
        }
    }

    [Fact]
    public void A_message_continues_after_the_end_of_another_message_but_not_after_its_own()
    {
        var log = new LogCompactor();
        log.Add(Event(1, """{"type":"TEXT_MESSAGE_CONTENT","messageId":"a","delta":"1"}"""));
        log.Add(Event(2, """{"type":"TEXT_MESSAGE_CONTENT","messageId":"b","delta":"2"}"""));
        log.Add(Event(3, """{"type":"TEXT_MESSAGE_END","messageId":"b"}"""));
        log.Add(Event(4, """{"type":"TEXT_MESSAGE_CONTENT","messageId":"a","delta":"3"}"""));
        log.Add(Event(5, """{"type":"TEXT_MESSAGE_CONTENT","messageId":"b","delta":"4"}"""));

        Assert.Equal(["13", "2", null, "4"], log.ToResources(default).Select(logged =>
            logged.Event.ToElement().TryGetProperty("delta", out var delta) ? delta.GetString() : null));
    }

    [Fact]
    public void A_message_does_not_continue_in_the_next_attempt()
    {
        var log = new LogCompactor();
        var attempt = Event(2, """{"type":"CUSTOM","name":"runs.attempt"}""") with { ExternalSequence = null };
        log.Add(Event(1, """{"type":"TEXT_MESSAGE_CONTENT","messageId":"a","delta":"half"}"""));
        log.Add(attempt);
        log.Add(Event(3, """{"type":"TEXT_MESSAGE_CONTENT","messageId":"a","delta":"whole"}"""));

        Assert.Equal(["half", null, "whole"], log.ToResources(default).Select(logged =>
            logged.Event.ToElement().TryGetProperty("delta", out var delta) ? delta.GetString() : null));
    }

    [Fact]
    public void Building_a_snapshot_stops_when_the_client_disconnects()
    {
        var log = new LogCompactor();
        log.Add(Event(1, """{"type":"TEXT_MESSAGE_CONTENT","messageId":"a","delta":"1"}"""));

        Assert.Throws<OperationCanceledException>(() => log.ToResources(new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_snapshot_is_limited_by_the_total_size_of_its_events()
    {
        var run = await application.Client.CreateRunningAgent();
        for (var sent = 0; sent < 60; sent += 20)
        {
            var events = Enumerable.Range(sent, 20)
                .Select(i => new { type = "TEXT_MESSAGE_CONTENT", messageId = $"{i}", delta = "", other = new string('x', 250_000) });
            await application.Client.Append(run, new { events });
        }

        using var response = await application.Client.GetAsync(SnapshotPath(run));
        var length = (await response.Content.ReadAsByteArrayAsync()).Length;

        Assert.InRange(length, 8_000_000, 9_000_000);
        var snapshot = await GetSnapshot(run);
        Assert.Equal(snapshot.AfterEventId, snapshot.Events[^1].EventId); // the stream has the rest
    }

    [Fact]
    public async Task A_snapshot_is_limited_by_its_number_of_events()
    {
        var run = await application.Client.CreateRunningAgent();
        await AppendCustomEvents(run, 20_500);

        Assert.Equal(20_000, (await GetSnapshot(run)).Events.Count);
    }

    [Fact]
    public async Task A_snapshot_takes_a_token_of_the_rate_of_reads_for_each_500_events()
    {
        var run = await application.Client.CreateRunningAgent();
        await AppendCustomEvents(run, 1_200);

        var before = CountReads();
        var snapshot = await GetSnapshot(run);

        Assert.Equal(1_201, snapshot.Events.Count); // with RUN_STARTED
        Assert.Equal(3, CountReads() - before);

        long CountReads() =>
            application.Rates.Limiter.GetStatistics(RequestRatesTests.Read(DevelopmentApiKey.Tenant))!.TotalSuccessfulLeases;
    }

    private static string SnapshotPath(string run) => $"{ApiPaths.ConversationRun(run)}/snapshot";

    private async Task<ApiLogSnapshot> GetSnapshot(string run) => (await application.Client.Get(SnapshotPath(run))).Read<ApiLogSnapshot>();

    private async Task AppendCustomEvents(string run, int count)
    {
        const int Batch = FieldLimits.MaxEventsPerAppend;
        var events = Enumerable.Repeat(new { type = "CUSTOM", value = 1 }, Batch);
        for (var sent = 0; sent < count; sent += Batch)
        {
            await application.Client.Append(run, new { events });
        }
    }

    private static RunEvent Event(long id, string json)
    {
        var text = new RawJson(json);
        return new RunEvent(id, text.ToElement().GetProperty("type").GetString()!, true, id, DateTimeOffset.UnixEpoch, text);
    }
}
