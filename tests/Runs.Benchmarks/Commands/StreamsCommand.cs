using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Runs.Benchmarks.Load;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Commands;

/// <summary>
/// The cost of open streams for one server: memory and processor time of many streams while nothing happens, and while
/// events are appended, first with each stream on its own run and then with all of them on one run.
/// </summary>
internal static class StreamsCommand
{
    private const int Events = 2_000;
    private const int BatchSize = 20;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromMinutes(1);

    // From the last append until every stream has its events.
    private static readonly TimeSpan DeliveryTimeout = TimeSpan.FromMinutes(2);

    private static readonly ConsoleTable Table = new(
        ("what", 44), ("memory MB", 9), ("CPU s", 6), ("seconds", 7), ("events/s", 9), ("p50 ms", 7), ("p99 ms", 7))
    {
        TextColumns = 1,
    };

    public static Command Create()
    {
        var streams = CountArgument.Create("streams", 1000);
        var command = new Command("streams", "Opens many streams on one server and reports memory, processor time and latency.")
        {
            streams,
        };
        command.SetAction((result, cancellationToken) => Run(result.GetValue(streams), cancellationToken));
        return command;
    }

    private static async Task Run(int streams, CancellationToken cancellationToken)
    {
        await using var broker = await Container.StartRabbitMq();
        await using var store = await Container.StartMongoDb();
        await using var server = new ServerProcess(new ServiceEndpoints(broker.Port, store.Port).ToSettings());
        await server.Start();
        using var client = server.CreateClient(new SocketsHttpHandler { MaxConnectionsPerServer = streams + 100 });
        client.Timeout = RequestTimeout; // of a stream, only until its headers
        var runs = new List<string>();
        for (var i = 0; i < streams; i++)
        {
            runs.Add(await CreateRun(client, $"run_stream-{i}", cancellationToken));
        }

        Console.Out.WriteLine(
            $"{streams} streams on one server, RabbitMQ and MongoDB in containers, {Environment.ProcessorCount} cores");
        Table.WriteHeader();
        WriteRow("no streams", server, cpu: 0, TimeSpan.Zero, new LatencyHistogram());

        await using (var readers = await StreamReaders.Open(client, runs, cancellationToken))
        {
            await MeasureIdle(server, $"{streams} streams, each on its run, silent", cancellationToken);
            var load = new StreamLoad($"{Events} events, spread over all runs", runs, Events, Copies: 1);
            await MeasureAppends(client, server, load, readers, cancellationToken);
        }

        var shared = await CreateRun(client, "run_shared", cancellationToken);
        await using (var readers = await StreamReaders.Open(client, Enumerable.Repeat(shared, streams), cancellationToken))
        {
            var load = new StreamLoad($"{Events / 10} events to one run that all follow", [shared], Events / 10, Copies: streams);
            await MeasureAppends(client, server, load, readers, cancellationToken);
        }
    }

    private static async Task<string> CreateRun(HttpClient client, string id, CancellationToken cancellationToken)
    {
        var body = new
        {
            kind = "agent",
            public_id = id,
            owner = new { kind = "project", id = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10" },
            request = new { agent_id = "writer", initial_status = "running" },
        };
        using var response = await client.PostAsJsonAsync("/runs", body, cancellationToken);
        response.EnsureSuccessStatusCode();
        return id;
    }

    private static async Task MeasureIdle(ServerProcess server, string description, CancellationToken cancellationToken)
    {
        var (cpu, watch) = (server.CpuSeconds, Stopwatch.StartNew());
        await Task.Delay(TimeSpan.FromSeconds(10), cancellationToken);
        WriteRow(description, server, server.CpuSeconds - cpu, watch.Elapsed, new LatencyHistogram());
    }

    private static async Task MeasureAppends(
        HttpClient client,
        ServerProcess server,
        StreamLoad load,
        StreamReaders readers,
        CancellationToken cancellationToken)
    {
        var (cpu, watch) = (server.CpuSeconds, Stopwatch.StartNew());
        readers.Expect(load.Events * load.Copies);
        for (var sent = 0; sent < load.Events; sent += BatchSize)
        {
            var run = load.Runs[sent / BatchSize % load.Runs.Count];
            var body = new
            {
                events = Enumerable.Range(0, BatchSize).Select(_ => new { type = "CUSTOM", value = 0, sent = FormatTimestamp() }),
            };
            using var response = await client.PostAsJsonAsync($"/runs/{run}/events", body, cancellationToken);
            response.EnsureSuccessStatusCode();
        }

        var latencies = await readers.WaitForEvents(DeliveryTimeout, cancellationToken);
        WriteRow(load.Description, server, server.CpuSeconds - cpu, watch.Elapsed, latencies);
    }

    private static string FormatTimestamp() => Stopwatch.GetTimestamp().ToString("x16", CultureInfo.InvariantCulture);

    private static void WriteRow(
        string description,
        ServerProcess server,
        double cpu,
        TimeSpan duration,
        LatencyHistogram latencies) => Table.WriteRow(
            description,
            Format(server.ResidentMemory / 1e6, "0"),
            Format(cpu, "0.00"),
            Format(duration.TotalSeconds, "0.0"),
            latencies.Count == 0 ? "" : Format(latencies.Count / duration.TotalSeconds, "0"),
            latencies.Count == 0 ? "" : Format(latencies.Percentile(0.5), "0.0"),
            latencies.Count == 0 ? "" : Format(latencies.Percentile(0.99), "0.0"));

    private static string Format(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);

    /// <param name="Description">The load in the table.</param>
    /// <param name="Runs">The runs that get the events, in turns.</param>
    /// <param name="Events">The number of events.</param>
    /// <param name="Copies">The number of streams that receive each event.</param>
    private sealed record StreamLoad(string Description, IReadOnlyList<string> Runs, int Events, int Copies);
}
