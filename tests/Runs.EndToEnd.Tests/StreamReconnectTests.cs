using System.Globalization;
using System.Text;

namespace Runs.EndToEnd.Tests;

public sealed class EmbeddedStreamReconnectTests(EmbeddedApplication application) : StreamReconnectTests(application), IClassFixture<EmbeddedApplication>;

[Collection(nameof(FaultyContainers))]
public sealed class ContainerStreamReconnectTests(ContainerApplication application) : StreamReconnectTests(application), IClassFixture<ContainerApplication>;

/// <summary>Readers of a long log that lose their connection at any moment.</summary>
public abstract class StreamReconnectTests(RunsApplication application)
{
    private const int Readers = 2;
    private const int DisconnectsPerReader = 500;
    private const int Events = 100_000;
    private const int BatchSize = 100;

    [Fact]
    public async Task A_thousand_reconnects_during_100000_events_lose_and_duplicate_nothing()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));

        var readers = Enumerable.Range(0, Readers).Select(reader => Task.Run(() => Read(run, new Random(reader)))).ToList();
        for (var sent = 0; sent < Events; sent += BatchSize)
        {
            Assert.Equal(200, (await application.Client.Post($"/runs/{run}/events", Body(sent))).Status);
        }

        await application.Client.Post($"/runs/{run}/complete", new { status = "completed" });

        foreach (var (heard, disconnects) in await Task.WhenAll(readers))
        {
            Assert.Equal(DisconnectsPerReader, disconnects);
            Assert.Equal(Events + 2, heard.Count);
            for (var i = 0; i < heard.Count; i++)
            {
                Assert.Equal(i + 1, heard[i].Id);
                Assert.Equal(i is 0 or Events + 1 ? null : i - 1, heard[i].Value); // received is what was sent
            }
        }
    }

    private async Task<(List<(long Id, int? Value)> Heard, int Disconnects)> Read(string run, Random random)
    {
        var heard = new List<(long Id, int? Value)>(Events + 2);
        var disconnects = 0;
        while (true)
        {
            // A few events are left for the last connection; some are lost before anything came.
            var patience = disconnects < DisconnectsPerReader ? random.Next(0, 18 * Events / DisconnectsPerReader / 10) : int.MaxValue;
            using var response = await application.Client.OpenStream($"/runs/{run}/stream", heard.Count == 0 ? null : heard[^1].Id.ToString(CultureInfo.InvariantCulture));
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            await using var events = reader.ReadEvents().GetAsyncEnumerator();
            while (patience-- > 0 && await events.MoveNextAsync())
            {
                heard.Add((events.Current.Id, events.Current.Data.TryGetProperty("value", out var value) ? value.GetInt32() : null));
            }

            if (patience >= 0)
            {
                return (heard, disconnects); // the stream has ended
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
