using System.Globalization;
using System.Text;

namespace Runs.EndToEnd.Tests;

/// <summary>Readers of a long log that disconnect at random.</summary>
public abstract class StreamReconnectTests(RunsApplication application)
{
    private const int Readers = 2;
    private const int DisconnectsPerReader = 500;
    private const int BatchSize = 100;

    /// <summary>The number of events.</summary>
    protected virtual int Events => 100_000;

    [Fact]
    public async Task A_thousand_reconnects_lose_and_duplicate_nothing()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));

        var readers = Enumerable.Range(0, Readers).Select(reader => Task.Run(() => Read(run, new Random(reader)))).ToList();
        for (var sent = 0; sent < Events; sent += BatchSize)
        {
            await application.Client.Append(run, Body(sent));
        }

        await application.Client.Complete(run);

        foreach (var (received, disconnects) in await Task.WhenAll(readers))
        {
            Assert.Equal(DisconnectsPerReader, disconnects);
            Assert.Equal(Events + 2, received.Count);
            for (var i = 0; i < received.Count; i++)
            {
                Assert.Equal(i + 1, received[i].Id);
                Assert.Equal(i == 0 || i == Events + 1 ? null : i - 1, received[i].Value); // the received value is the sent one
            }
        }
    }

    private async Task<(List<(long Id, int? Value)> Received, int Disconnects)> Read(string run, Random random)
    {
        var received = new List<(long Id, int? Value)>(Events + 2);
        var disconnects = 0;
        while (true)
        {
            // Leaves a few events for the last connection. Some connections end before the first event.
            var eventsUntilDisconnect = disconnects < DisconnectsPerReader
                ? random.Next(0, 18 * Events / DisconnectsPerReader / 10)
                : int.MaxValue;
            var lastEventId = received.Count == 0 ? null : received[^1].Id.ToString(CultureInfo.InvariantCulture);
            using var response = await application.Client.OpenStream($"/runs/{run}/stream", lastEventId);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            await using var events = reader.ReadEvents().GetAsyncEnumerator();
            while (eventsUntilDisconnect-- > 0 && await events.MoveNextAsync())
            {
                received.Add((events.Current.Id, events.Current.Data.TryGetProperty("value", out var value) ? value.GetInt32() : null));
            }

            if (eventsUntilDisconnect >= 0)
            {
                return (received, disconnects); // the stream has ended
            }

            disconnects++;
        }
    }

    private static string Body(int first)
    {
        var body = new StringBuilder("{\"events\":[");
        for (var i = first; i < first + BatchSize; i++)
        {
            body.Append(CultureInfo.InvariantCulture, $"{(i == first ? "" : ",")}{{\"type\":\"CUSTOM\",\"value\":{i}}}");
        }

        return body.Append("]}").ToString();
    }
}
