using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Runs.Api.Authentication;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Commands;

/// <summary>How long the cancellation of a tree takes, from the call until its last run has ended: all runs below one parent, and each below the one before.</summary>
internal static class TreesCommand
{
    private const int Rounds = 3;
    private const int Callers = 32;

    public static async Task<int> Run(string[] options)
    {
        var runs = options is [var number] ? int.Parse(number, CultureInfo.InvariantCulture) : 2000;
        Console.Out.WriteLine($"trees of {runs} runs, {Environment.ProcessorCount} cores; seconds from the cancel until the last run has ended, {Rounds} rounds after one to warm up");
        Console.Out.WriteLine($"| {"server",-52} | {"wide (one parent)",-20} | {"deep (one chain)",-20} |");
        Console.Out.WriteLine($"|{new string('-', 54)}|{new string('-', 22)}|{new string('-', 22)}|");
        var data = Directory.CreateTempSubdirectory("runs-bench-");
        try
        {
            await Measure("SQLite, broker in the process", runs, new() { ["Sqlite:DataDirectory"] = data.FullName });
        }
        finally
        {
            data.Delete(recursive: true);
        }

        await using var broker = await Container.StartRabbitMq();
        await using var store = await Container.StartMongoDb();
        await Measure("RabbitMQ and MongoDB (or its stand-in) in containers", runs, new()
        {
            ["ConnectionStrings:RabbitMq"] = $"amqp://guest:guest@127.0.0.1:{broker.Port}/",
            ["ConnectionStrings:MongoDb"] = $"mongodb://127.0.0.1:{store.Port}/runs?directConnection=true",
        });
        return 0;
    }

    private static async Task Measure(string name, int runs, Dictionary<string, string> settings)
    {
        settings["Lifecycle:MaxTreeDepth"] = $"{runs + 1}";
        await using var server = new ServerProcess(settings);
        await server.Start();
        using var client = new HttpClient
        {
            BaseAddress = server.Address,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", DevelopmentApiKey.Key) },
        };
        var (wide, deep) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            wide.Add(await MeasureCancel(client, await CreateWideTree(client, runs)));
            deep.Add(await MeasureCancel(client, await CreateDeepTree(client, runs)));
        }

        Console.Out.WriteLine($"| {name,-52} | {FormatSeconds(wide),-20} | {FormatSeconds(deep),-20} |");
    }

    private static async Task<(string Root, Guid Project)> CreateWideTree(HttpClient client, int runs)
    {
        var (root, project) = (NewId(), Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
        await CreateRun(client, root, project, null);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, runs), new ParallelOptions { MaxDegreeOfParallelism = Callers }, async (_, _) => await CreateRun(client, NewId(), project, root));
        return (root, project);
    }

    private static async Task<(string Root, Guid Project)> CreateDeepTree(HttpClient client, int runs)
    {
        var (root, project) = (NewId(), Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
        await CreateRun(client, root, project, null);
        for (var (i, parent) = (0, root); i < runs; i++)
        {
            var id = NewId();
            await CreateRun(client, id, project, parent);
            parent = id;
        }

        return (root, project);
    }

    private static async Task<double> MeasureCancel(HttpClient client, (string Root, Guid Project) tree)
    {
        var watch = Stopwatch.StartNew();
        using var answer = await client.PostAsync(new Uri($"/runs/{tree.Root}/cancel", UriKind.Relative), null);
        answer.EnsureSuccessStatusCode();
        var active = new Uri($"/projects/{tree.Project}/runs?status=running&limit=1", UriKind.Relative);
        while ((await client.GetFromJsonAsync<JsonElement>(active)).GetProperty("data").GetArrayLength() > 0)
        {
            await Task.Delay(200);
        }

        return watch.Elapsed.TotalSeconds;
    }

    private static async Task CreateRun(HttpClient client, string id, Guid project, string? parent)
    {
        using var answer = await client.PostAsJsonAsync("/runs", new
        {
            kind = "agent",
            public_id = id,
            parent_run_id = parent,
            owner = new { kind = "project", id = project },
            request = new { agent_id = "writer", initial_status = "running" },
        });
        answer.EnsureSuccessStatusCode();
    }

    private static string NewId() => $"run_{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";

    private static string FormatSeconds(List<double> seconds) => string.Join(" ", seconds.Skip(1).Select(value => value.ToString("0.0", CultureInfo.InvariantCulture)));
}
