using System.Collections.Concurrent;
using System.Text.Json;

namespace Runs.EndToEnd.Tests;

public sealed class KilledServerEmbedded : KilledServer, IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("runs-killed-");

    protected override Task<Dictionary<string, string?>> Settings() =>
        Task.FromResult(new Dictionary<string, string?> { ["Embedded:DataDirectory"] = _data.FullName });

    public void Dispose() => _data.Delete(recursive: true);
}

[Collection(nameof(Containers))]
public sealed class KilledServerOnContainers(Containers containers) : KilledServer
{
    protected override async Task<Dictionary<string, string?>> Settings() => new()
    {
        ["ConnectionStrings:RabbitMq"] = await containers.NewVirtualHost(),
        ["ConnectionStrings:MongoDb"] = containers.NewDatabase(),
    };
}

public abstract class KilledServer
{
    private const int Creates = 5_000;
    private const int Callers = 32;
    private const int Kills = 5;

    protected abstract Task<Dictionary<string, string?>> Settings();

    [Fact]
    public async Task No_answered_run_is_lost_and_none_is_doubled_when_the_server_is_killed_again_and_again()
    {
        await using var server = new ServerProcess(await Settings());
        await server.Start();
        var project = Calls.NewUuid();
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
        var stored = await AllRuns(server.Client, project);

        Assert.Equal(Creates, answers.Count);
        Assert.Equal(Creates, stored.Count);
        Assert.Equal(Creates, stored.Select(run => run.Id).Distinct().Count());
        Assert.All(stored, run => Assert.Equal(answers[run.Id], run.CreatedAt)); // what was answered is what is stored
    }

    [Fact]
    public async Task A_tree_whose_cancel_was_answered_is_cancelled_to_the_last_run_although_the_server_is_killed()
    {
        await using var server = new ServerProcess(await Settings());
        await server.Start();
        var root = Calls.NewId();
        await server.Client.Create(Calls.Task(root));
        var runs = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 600), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            var (child, below) = (Calls.NewId(), Calls.NewId());
            await server.Client.Create(Calls.Task(child).With("parent_run_id", root));
            await server.Client.Create(Calls.Task(below).With("parent_run_id", child));
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
                var answer = await server.Client.Read($"/runs/{run}");
                Assert.True(answer.Status == 200, answer.ToString());
                statuses.Add(answer["status"].GetString());
            });
            return statuses;
        }
    }

    /// <summary>Asks as a client does: again, with the same id, whenever there was no answer.</summary>
    private static async Task<JsonElement> CreateUntilAnswered(HttpClient client, string project, string id)
    {
        var body = Calls.Task(id).With("owner", new { kind = "project", id = project });
        JsonElement run = default;
        await Eventually.Succeeds(async () => run = await client.Create(body), TimeSpan.FromMinutes(2));
        return run;
    }

    private static async Task<List<(string Id, string CreatedAt)>> AllRuns(HttpClient client, string project)
    {
        var runs = new List<(string, string)>();
        string? cursor = null;
        do
        {
            var page = await client.Read($"/projects/{project}/runs?limit=100{(cursor is null ? "" : $"&cursor={cursor}")}");
            runs.AddRange(page["data"].EnumerateArray().Select(run => (run.GetProperty("run_id").GetString()!, run.GetProperty("created_at").GetString()!)));
            cursor = page["page_info"].GetProperty("next").GetString();
        }
        while (cursor is not null);

        return runs;
    }
}
