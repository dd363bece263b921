namespace Runs.Tests.Http;

public sealed class StreamReplayTests(EmbeddedApplication application) : StreamReplayTests<EmbeddedApplication>(application);

/// <summary>Readers that reconnect with the id of the last event that they received.</summary>
public abstract class StreamReplayTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Theory]
    [InlineData("2", 3L)]
    [InlineData("0", 1L)]
    [InlineData("", 1L)]
    [InlineData("nonsense", 1L)]
    [InlineData("-1", 1L)]
    public async Task A_reconnected_reader_resumes_after_its_last_event(string lastEventId, long first)
    {
        var run = await Client.CreateFinishedAgent(events: 3);

        var events = await Client.ReadEvents($"/runs/{run}/stream", lastEventId).ToListAsync();

        Assert.Equal(Enumerable.Range((int)first, 6 - (int)first), events.Select(sent => (int)sent.Id));
    }

    [Theory]
    [InlineData("6")]
    [InlineData("300")]
    [InlineData("9223372036854775807")]
    [InlineData("92233720368547758070")]
    public async Task An_unknown_Last_Event_ID_restarts_a_finished_log_from_the_beginning(string lastEventId)
    {
        var run = await Client.CreateFinishedAgent(events: 3);

        var events = await Client.ReadEvents($"{ApiPaths.ConversationRun(run)}/stream", lastEventId).ToListAsync();

        Assert.Equal([1, 2, 3, 4, 5], events.Select(sent => sent.Id));
    }

    [Fact]
    public async Task An_unknown_Last_Event_ID_restarts_a_live_log_from_the_beginning_and_continues()
    {
        var run = await Client.CreateRunningAgent();
        await Client.AppendTexts(run, 2);
        await using var stream = Client.ReadEvents($"/runs/{run}/stream", "4").GetAsyncEnumerator();

        var replayed = await stream.ReadNext(3);
        await Client.AppendTexts(run, 1);
        var live = await stream.ReadNext(1);

        Assert.Equal([1, 2, 3, 4], replayed.Concat(live).Select(sent => sent.Id));
    }

    [Fact]
    public async Task A_list_after_an_event_that_the_log_does_not_have_begins_with_the_first_event()
    {
        var run = await Client.CreateRunningAgent();
        var all = (await Client.ListEvents(run, "")).Data;
        var last = all[^1].EventId;

        Assert.Empty((await Client.ListEvents(run, $"?after_event_id={last}")).Data);
        Assert.Equal(all.Count, (await Client.ListEvents(run, $"?after_event_id={last + 1}")).Data.Count);
        Assert.Equal(all.Count, (await Client.ListEvents(run, "?cursor=300")).Data.Count);
    }

    [Fact]
    public async Task Readers_that_reconnect_repeatedly_receive_every_event_once()
    {
        const int Readers = 4;
        const int Events = 2_000;
        var run = await Client.CreateRunningAgent();

        var readers = Enumerable.Range(0, Readers).Select(reader => Task.Run(() => ReadWithReconnects(new Random(reader)))).ToList();
        for (var sent = 0; sent < Events; sent += 20)
        {
            await Client.AppendTexts(run, 20);
        }

        await Client.Complete(run);

        foreach (var received in await Task.WhenAll(readers))
        {
            Assert.Equal(Enumerable.Range(1, Events + 2), received.Select(id => (int)id));
        }

        async Task<List<long>> ReadWithReconnects(Random random)
        {
            var received = new List<long>();
            while (received.Count < Events + 2)
            {
                var eventsUntilDisconnect = random.Next(1, 200);
                var lastEventId = received.Count == 0 ? null : $"{received[^1]}";
                await foreach (var sent in Client.ReadEvents($"{ApiPaths.ConversationRun(run)}/stream", lastEventId))
                {
                    received.Add(sent.Id);
                    if (--eventsUntilDisconnect == 0)
                    {
                        break; // closes the connection, with the events that it has not delivered yet
                    }
                }
            }

            return received;
        }
    }
}
