using System.Collections.Concurrent;

namespace Runs.EndToEnd.Tests;

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
        var responses = new ConcurrentDictionary<string, string>();
        var remaining = new ConcurrentQueue<string>(Enumerable.Range(0, Creates).Select(i => $"run_{project}_{i}"));

        var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (remaining.TryDequeue(out var id))
            {
                var created = await CreateUntilAnswered(server.Client, project, id);
                responses[id] = created.Run.CreatedAt;
            }
        })).ToList();
        for (var kill = 1; kill <= Kills; kill++)
        {
            var enough = Creates * kill / (Kills + 1);
            await Eventually.Holds(() => Task.FromResult(responses.Count >= enough), TimeSpan.FromMinutes(2));
            await server.Kill();
            await server.Start();
        }

        await Task.WhenAll(callers);
        var stored = await ListAllRuns(server.Client, project);

        Assert.Equal(Creates, responses.Count);
        Assert.Equal(Creates, stored.Count);
        Assert.Equal(Creates, stored.Select(run => run.RunId).Distinct().Count());
        Assert.All(stored, run => Assert.Equal(responses[run.RunId], run.CreatedAt)); // the response equals the stored run
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

        Assert.True((await server.Client.Cancel(root)).Cancelled);
        await server.Kill();
        await server.Start();
        await Eventually.Succeeds(async () => Assert.Contains("cancelled", await GetStatuses()));
        await server.Kill(); // in the middle
        await server.Start();

        await Eventually.Succeeds(async () => Assert.Equal(["cancelled"], (await GetStatuses()).Distinct()), TimeSpan.FromMinutes(2));

        async Task<IEnumerable<string>> GetStatuses()
        {
            var statuses = new ConcurrentBag<string>();
            await Parallel.ForEachAsync(runs, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (run, _) =>
            {
                statuses.Add((await server.Client.GetRun(run)).Status);
            });
            return statuses;
        }
    }

    /// <summary>Creates a run like a client: retries with the same id until there is a response.</summary>
    private static async Task<CreatedRun> CreateUntilAnswered(HttpClient client, string project, string id)
    {
        var body = TestRequests.TaskBody(id).With("owner", new { kind = "project", id = project });
        CreatedRun? created = null;
        await Eventually.Succeeds(async () => created = await client.Create(body), TimeSpan.FromMinutes(2));
        return created!;
    }

    private static async Task<List<ApiRun>> ListAllRuns(HttpClient client, string project)
    {
        var runs = new List<ApiRun>();
        string? cursor = null;
        do
        {
            var page = await client.List<ApiRun>($"/projects/{project}/runs?limit=100{(cursor is null ? "" : $"&cursor={cursor}")}");
            runs.AddRange(page.Data);
            cursor = page.PageInfo.Next;
        }
        while (cursor is not null);

        return runs;
    }
}
