using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Commands;

/// <summary>
/// How long the cancellation of a tree takes, from the request until its last run has ended: with all runs below one
/// parent, and with each run below the one before.
/// </summary>
internal static class TreesCommand
{
    private const int Rounds = 3;
    private const int Callers = 32;

    private static readonly ConsoleTable Table = new(("server", 52), ("wide (one parent)", 20), ("deep (one chain)", 20))
    {
        TextColumns = 3,
    };

    public static Command Create()
    {
        var runs = CountArgument.Create("runs", 2000);
        var command = new Command("trees", "Measures how long it takes to cancel a wide and a deep tree of runs.") { runs };
        command.SetAction((result, cancellationToken) => Run(result.GetValue(runs), cancellationToken));
        return command;
    }

    private static async Task Run(int runs, CancellationToken cancellationToken)
    {
        Console.Out.WriteLine(
            $"trees of {runs} runs, {Environment.ProcessorCount} cores; seconds from the cancel until the last run has ended,");
        Console.Out.WriteLine($"{Rounds} rounds after one to warm up");
        Table.WriteHeader();
        var data = Directory.CreateTempSubdirectory("runs-bench-");
        try
        {
            var settings = new Dictionary<string, string?> { ["Sqlite:DataDirectory"] = data.FullName };
            await Measure("SQLite, broker in the process", runs, settings, cancellationToken);
        }
        finally
        {
            data.Delete(recursive: true);
        }

        await using var broker = await Container.StartRabbitMq();
        await using var store = await Container.StartMongoDb();
        var services = new ServiceEndpoints(broker.Port, store.Port);
        await Measure("RabbitMQ and MongoDB in containers", runs, services.ToSettings(), cancellationToken);
    }

    private static async Task Measure(
        string name,
        int runs,
        Dictionary<string, string?> settings,
        CancellationToken cancellationToken)
    {
        settings["Lifecycle:MaxTreeDepth"] = $"{runs + 1}";
        await using var server = new ServerProcess(settings);
        await server.Start();
        var (wide, deep) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            wide.Add(await MeasureCancel(server.Client, await CreateWideTree(server.Client, runs, cancellationToken), cancellationToken));
            deep.Add(await MeasureCancel(server.Client, await CreateDeepTree(server.Client, runs, cancellationToken), cancellationToken));
        }

        Table.WriteRow(name, FormatSeconds(wide), FormatSeconds(deep));
    }

    private static async Task<RunTree> CreateWideTree(HttpClient client, int runs, CancellationToken cancellationToken)
    {
        var tree = new RunTree(NewId(), Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
        await CreateRun(client, tree.Root, tree.Project, parent: null, cancellationToken);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, runs),
            new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = cancellationToken },
            async (_, cancellation) => await CreateRun(client, NewId(), tree.Project, tree.Root, cancellation));
        return tree;
    }

    private static async Task<RunTree> CreateDeepTree(HttpClient client, int runs, CancellationToken cancellationToken)
    {
        var tree = new RunTree(NewId(), Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
        await CreateRun(client, tree.Root, tree.Project, parent: null, cancellationToken);
        var parent = tree.Root;
        for (var i = 0; i < runs; i++)
        {
            var id = NewId();
            await CreateRun(client, id, tree.Project, parent, cancellationToken);
            parent = id;
        }

        return tree;
    }

    private static async Task<double> MeasureCancel(HttpClient client, RunTree tree, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var cancel = new Uri($"/runs/{tree.Root}/cancel", UriKind.Relative);
        using var response = await client.PostAsync(cancel, content: null, cancellationToken);
        response.EnsureSuccessStatusCode();
        var active = new Uri($"/projects/{tree.Project}/runs?status=running&limit=1", UriKind.Relative);
        while ((await client.GetFromJsonAsync<JsonElement>(active, cancellationToken)).GetProperty("data").GetArrayLength() > 0)
        {
            await Task.Delay(200, cancellationToken);
        }

        return watch.Elapsed.TotalSeconds;
    }

    private static async Task CreateRun(
        HttpClient client,
        string id,
        Guid project,
        string? parent,
        CancellationToken cancellationToken)
    {
        var body = new
        {
            kind = "agent",
            public_id = id,
            parent_run_id = parent,
            owner = new { kind = "project", id = project },
            request = new { agent_id = "writer", initial_status = "running" },
        };
        using var response = await client.PostAsJsonAsync("/runs", body, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    private static string NewId() => $"run_{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";

    private static string FormatSeconds(List<double> seconds) =>
        string.Join(" ", seconds.Skip(1).Select(value => value.ToString("0.0", CultureInfo.InvariantCulture)));

    private sealed record RunTree(string Root, Guid Project);
}
