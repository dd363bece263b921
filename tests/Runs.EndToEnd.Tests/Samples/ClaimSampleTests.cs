using System.Diagnostics;
using System.Text.Json;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// The workers under <c>samples/</c> that claim runs over HTTP, with an embedded server: they need no broker.
/// </summary>
public sealed class ClaimSampleTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("runs-samples-");
    private readonly ServerProcess _server;

    public ClaimSampleTests() => _server = new ServerProcess(new Dictionary<string, string?>
    {
        ["Sqlite:DataDirectory"] = _folder.FullName,
        ["Execution:LeaseGrace"] = "00:00:00",
        ["Execution:RetryBase"] = "00:00:00.050",
    });

    private HttpClient Client => _server.Client;

    private string Reports => Path.Combine(_folder.FullName, "reports");

    public Task InitializeAsync() => _server.Start();

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_report_of_a_killed_worker_is_continued_and_published_after_its_approval()
    {
        var id = await Create("task:quarterly-report", new { quarter = "2026-Q3", pages = 3 });
        await using (var first = StartReports())
        {
            await Eventually.Holds(() => Task.FromResult(GetPages(id).Length > 0));
            await first.Kill();
        }

        await using var second = StartReports();
        await Eventually.Holds(async () => (await Client.GetRun(id)).Status == "waiting");
        Assert.Equal(["lost", "suspended"], await GetOutcomes(id));
        Assert.Equal(3, GetPages(id).Length);
        await Client.Resume(id, new { type = "tool_result", tool_call_id = "approve", result = new { publish = true } });
        await Eventually.Holds(async () => (await Client.GetRun(id)).Status == "completed");

        var file = (await Client.GetRun(id)).Output.GetProperty("file").GetString()!;
        Assert.Equal("2026-Q3, page 1\n2026-Q3, page 2\n2026-Q3, page 3\n", await File.ReadAllTextAsync(file));
        Assert.Equal(["lost", "suspended", "completed"], await GetOutcomes(id));
        Assert.DoesNotContain(DevelopmentApiKey.Key, second.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../elsewhere", 3)]
    [InlineData("2026-Q3", 0)]
    public async Task A_report_with_an_invalid_config_fails_and_writes_nothing(string quarter, int pages)
    {
        var id = await Create("task:quarterly-report", new { quarter, pages });
        await using var worker = StartReports();

        await Eventually.Holds(async () => (await Client.GetRun(id)).Status == "failed");

        Assert.Equal("INVALID_CONFIG", (await Client.GetRun(id)).Error!.Code);
        Assert.False(Directory.Exists(Reports));
    }

    [Fact]
    public async Task A_run_of_a_killed_JavaScript_worker_is_continued_by_the_next_one()
    {
        var id = await Create("task:words", new { text = "one two three", delay_ms = 500 });
        await using (var first = StartWords())
        {
            await Eventually.Holds(async () => await GetWords(id) is ["one", ..]);
            await first.Kill();
        }

        await using var second = StartWords();
        await Eventually.Holds(async () => (await Client.GetRun(id)).Status == "completed");

        Assert.Equal(3, (await Client.GetRun(id)).Output.GetProperty("words").GetInt32());
        // The checkpoint follows the event: the kill may be between them.
        Assert.Equal(["one", "two", "three"], (await GetWords(id)).Distinct());
        Assert.Equal(["lost", "completed"], await GetOutcomes(id));
    }

    [Fact]
    public async Task A_JavaScript_worker_stops_a_cancelled_run_and_releases_the_others_on_request()
    {
        var cancelled = await Create("task:words", new { text = "one two", delay_ms = 600_000 });
        var released = await Create("task:words", new { text = "one two", delay_ms = 600_000 });
        await using var worker = StartWords(leaseSeconds: 60);
        await Eventually.Holds(async () => (await Client.GetRun(released)).Status == "running");
        await Eventually.Holds(async () => (await Client.GetRun(cancelled)).Status == "running");

        await Client.Cancel(cancelled);
        await Eventually.Succeeds(() =>
        {
            Assert.Contains($"{cancelled}, attempt 1: cancelled", worker.Output, StringComparison.Ordinal);
            return Task.CompletedTask;
        });

        Assert.Equal(0, await worker.Stop());
        Assert.Equal(["released"], await GetOutcomes(released));
    }

    private SampleWorkerProcess StartReports() => SampleWorkerProcess.Start(
        new ProcessStartInfo("dotnet", [GetProgramPath()]),
        new Dictionary<string, string>(GetEnvironment()) { ["RunsWorker__Lease"] = "00:00:05", ["REPORTS"] = Reports });

    private SampleWorkerProcess StartWords(int leaseSeconds = 5) => SampleWorkerProcess.Start(
        new ProcessStartInfo("node", [Path.Combine(Repository.Root, "samples", "javascript-worker", "claim.mjs")]),
        new Dictionary<string, string>(GetEnvironment())
        {
            ["WORKER_TARGET"] = "task:words",
            ["WORKER_LEASE_SECONDS"] = $"{leaseSeconds}",
        });

    private Dictionary<string, string> GetEnvironment() => new()
    {
        ["RUNS_URL"] = _server.Address.GetLeftPart(UriPartial.Authority),
        ["RUNS_API_KEY"] = DevelopmentApiKey.Key,
        ["RUNS_PROJECT"] = RunsApplication.Project,
    };

    private async Task<string> Create(string target, object config) =>
        (await Client.Create(TestRequests.TaskBody(request: new { target, config }))).Run.RunId;

    private string[] GetPages(string runId) =>
        Path.Combine(Reports, runId, "draft") is var draft && Directory.Exists(draft) ? Directory.GetFiles(draft) : [];

    private async Task<IReadOnlyList<string>> GetWords(string runId) =>
    [
        .. (await Client.ListEvents(runId, "?limit=500")).Data
            .Where(logged => logged.EventType == "CUSTOM" && logged.Payload.GetProperty("name").GetString() == "word")
            .Select(logged => logged.Payload.GetProperty("value").GetString()!),
    ];

    private async Task<IEnumerable<string?>> GetOutcomes(string runId) =>
        (await Client.Get($"/runs/{runId}/attempts")).Read<JsonElement>().GetProperty("data").EnumerateArray()
            .OrderBy(attempt => attempt.GetProperty("attempt").GetInt32())
            .Select(attempt => attempt.GetProperty("outcome").GetString());

    private static string GetProgramPath()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(here.Parent!.Parent!.FullName, "Runs.Samples.Worker", here.Name, "Runs.Samples.Worker.dll");
    }
}
