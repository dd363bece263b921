using System.Collections.Concurrent;
using System.Text.Json;

namespace Runs.EndToEnd.Tests;

public sealed class EmbeddedProcessKillTests : ProcessKillTests, IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("runs-killed-");

    protected override Task<Dictionary<string, string?>> Settings() =>
        Task.FromResult(new Dictionary<string, string?> { ["Sqlite:DataDirectory"] = _data.FullName });

    public void Dispose() => _data.Delete(recursive: true);
}

[Collection(nameof(FaultyContainers))]
public sealed class ContainerProcessKillTests(ContainerFixture containers) : ProcessKillTests
{
    protected override async Task<Dictionary<string, string?>> Settings() => new()
    {
        ["ConnectionStrings:RabbitMq"] = await containers.CreateVirtualHost(),
        ["ConnectionStrings:MongoDb"] = containers.NewDatabase(),
    };
}

public abstract class ProcessKillTests
{
    private const int Creates = 5_000;
    private const int Callers = 32;
    private const int Kills = 5;

    protected abstract Task<Dictionary<string, string?>> Settings();

    [Fact]
    public async Task Repeated_process_kills_neither_lose_nor_duplicate_acknowledged_runs()
    {
        await using var server = new ServerProcess(await Settings());
        await server.Start();
        var project = TestRequests.NewUuid();
        var answers = new ConcurrentDictionary<string, string>();
        var remaining = new ConcurrentQueue<string>(Enumerable.Range(0, Creates).Select(i => $"run_{project}_{i}"));

        var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (remaining.TryDequeue(out var id))
            {
                var run = await CreateUntilAnswered(server.Client, project, id);
                answers[id] = run.GetProperty("run").GetProperty("created_at").GetString()!;
            }
        })).ToList();
        for (var kill = 1; kill <= Kills; kill++)
        {
            var enough = Creates * kill / (Kills + 1);
            await Eventually.Holds(() => Task.FromResult(answers.Count >= enough), TimeSpan.FromMinutes(2));
            await server.Kill();
            await server.Start();
        }

        await Task.WhenAll(callers);
        var stored = await ListAllRuns(server.Client, project);

        Assert.Equal(Creates, answers.Count);
        Assert.Equal(Creates, stored.Count);
        Assert.Equal(Creates, stored.Select(run => run.Id).Distinct().Count());
        Assert.All(stored, run => Assert.Equal(answers[run.Id], run.CreatedAt)); // what was answered is what is stored
    }

    [Fact]
    public async Task An_acknowledged_cancel_of_a_tree_completes_after_a_process_kill()
    {
        await using var server = new ServerProcess(await Settings());
        await server.Start();
        var root = TestRequests.NewId();
        await server.Client.Create(TestRequests.TaskBody(root));
        var runs = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 600), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            var (child, below) = (TestRequests.NewId(), TestRequests.NewId());
            await server.Client.Create(TestRequests.TaskBody(child).With("parent_run_id", root));
            await server.Client.Create(TestRequests.TaskBody(below).With("parent_run_id", child));
            runs.Add(child);
            runs.Add(below);
        });

        Assert.True((await server.Client.Post($"/runs/{root}/cancel"))["cancelled"].GetBoolean());
        await server.Kill();
        await server.Start();
        await Eventually.Succeeds(async () => Assert.Contains("cancelled", await Statuses()));
        await server.Kill(); // in the middle
        await server.Start();

        await Eventually.Succeeds(async () => Assert.Equal(["cancelled"], (await Statuses()).Distinct()), TimeSpan.FromMinutes(2));

        async Task<IEnumerable<string?>> Statuses()
        {
            var statuses = new ConcurrentBag<string?>();
            await Parallel.ForEachAsync(runs, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (run, _) =>
            {
                var answer = await server.Client.Get($"/runs/{run}");
                Assert.True(answer.Status == 200, answer.ToString());
                statuses.Add(answer["status"].GetString());
            });
            return statuses;
        }
    }

    /// <summary>Asks as a client does: again, with the same id, whenever there was no answer.</summary>
    private static async Task<JsonElement> CreateUntilAnswered(HttpClient client, string project, string id)
    {
        var body = TestRequests.TaskBody(id).With("owner", new { kind = "project", id = project });
        JsonElement run = default;
        await Eventually.Succeeds(async () => run = await client.Create(body), TimeSpan.FromMinutes(2));
        return run;
    }

    private static async Task<List<(string Id, string CreatedAt)>> ListAllRuns(HttpClient client, string project)
    {
        var runs = new List<(string, string)>();
        string? cursor = null;
        do
        {
            var page = await client.Get($"/projects/{project}/runs?limit=100{(cursor is null ? "" : $"&cursor={cursor}")}");
            runs.AddRange(page["data"].EnumerateArray().Select(run => (run.GetProperty("run_id").GetString()!, run.GetProperty("created_at").GetString()!)));
            cursor = page["page_info"].GetProperty("next").GetString();
        }
        while (cursor is not null);

        return runs;
    }
}
