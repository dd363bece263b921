using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Runs.Api.Authentication;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Commands;

/// <summary>
/// What open streams cost one server: memory and processor time of a thousand of them while nothing happens, and while events are appended, each stream on a run of its own
/// and all of them on one run.
/// </summary>
internal static class StreamsCommand
{
    private const int Events = 2_000;
    private const int Batch = 20;

    public static async Task<int> Run(string[] options)
    {
        var streams = options is [var number] ? int.Parse(number, CultureInfo.InvariantCulture) : 1000;
        await using var broker = await Container.StartRabbitMq();
        await using var store = await Container.StartMongoDb();
        await using var server = new ServerProcess(new()
        {
            ["ConnectionStrings:RabbitMq"] = $"amqp://guest:guest@127.0.0.1:{broker.Port}/",
            ["ConnectionStrings:MongoDb"] = $"mongodb://127.0.0.1:{store.Port}/runs?directConnection=true",
        });
        await server.Start();
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = streams + 100 })
        {
            BaseAddress = server.Address,
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", DevelopmentApiKey.Key) },
        };
        var runs = new List<string>();
        for (var i = 0; i < streams; i++)
        {
            runs.Add(await CreateRun(client, $"run_stream-{i}"));
        }

        Console.Out.WriteLine($"{streams} streams on one server, RabbitMQ and MongoDB's place in containers, {Environment.ProcessorCount} cores");
        Console.Out.WriteLine($"| {"what",-44} | {"memory MB",9} | {"CPU s",6} | {"seconds",7} | {"events/s",9} | {"p50 ms",7} | {"p99 ms",7} |");
        Console.Out.WriteLine($"|{new string('-', 46)}|{new string('-', 11)}|{new string('-', 8)}|{new string('-', 9)}|{new string('-', 11)}|{new string('-', 9)}|{new string('-', 9)}|");
        Report("no streams", server, 0, TimeSpan.Zero, []);

        await using (var readers = await StreamReaders.Open(client, runs))
        {
            await MeasureIdle(server, $"{streams} streams, each on its run, silent");
            await MeasureAppends(client, server, $"{Events} events, spread over all runs", runs, readers, copies: 1);
        }

        var shared = await CreateRun(client, "run_shared");
        await using (var readers = await StreamReaders.Open(client, Enumerable.Repeat(shared, streams)))
        {
            await MeasureAppends(client, server, $"{Events / 10} events to one run that all follow", [shared], readers, copies: streams, events: Events / 10);
        }

        return 0;
    }

    private static async Task<string> CreateRun(HttpClient client, string id)
    {
        using var response = await client.PostAsJsonAsync("/runs", new
        {
            kind = "agent",
            public_id = id,
            owner = new { kind = "project", id = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10" },
            request = new { agent_id = "writer", initial_status = "running" },
        });
        response.EnsureSuccessStatusCode();
        return id;
    }

    private static async Task MeasureIdle(ServerProcess server, string what)
    {
        var (before, watch) = (server.CpuSeconds, Stopwatch.StartNew());
        await Task.Delay(TimeSpan.FromSeconds(10));
        Report(what, server, server.CpuSeconds - before, watch.Elapsed, []);
    }

    private static async Task MeasureAppends(
        HttpClient client, ServerProcess server, string what, List<string> runs, StreamReaders readers, int copies, int events = Events)
    {
        var (before, watch) = (server.CpuSeconds, Stopwatch.StartNew());
        readers.Expect(events * copies);
        for (var sent = 0; sent < events; sent += Batch)
        {
            using var response = await client.PostAsJsonAsync($"/runs/{runs[sent / Batch % runs.Count]}/events", new
            {
                events = Enumerable.Range(0, Batch).Select(_ => new { type = "CUSTOM", value = Stopwatch.GetTimestamp() }),
            });
            response.EnsureSuccessStatusCode();
        }

        var latencies = await readers.Completion;
        Report(what, server, server.CpuSeconds - before, watch.Elapsed, latencies);
    }

    private static void Report(string what, ServerProcess server, double cpu, TimeSpan time, IReadOnlyList<double> latencies)
    {
        var sorted = latencies.Order().ToList();
        string At(double quantile) => sorted.Count == 0 ? "" : sorted[(int)(quantile * (sorted.Count - 1))].ToString("0.0", CultureInfo.InvariantCulture);
        var rate = latencies.Count == 0 ? "" : (latencies.Count / time.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {what,-44} | {server.ResidentMemory / 1e6,9:0} | {cpu,6:0.00} | {time.TotalSeconds,7:0.0} | {rate,9} | {At(0.5),7} | {At(0.99),7} |"));
    }
}
