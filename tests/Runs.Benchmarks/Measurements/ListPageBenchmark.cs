using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Targets;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements;

/// <summary>
/// Measures the first page of a project's list with few runs in the store and with many: one server for each size, in
/// turns.
/// </summary>
internal sealed class ListPageBenchmark(BenchmarkOptions options, ServiceEndpoints services)
{
    private const int Callers = 8;
    private const int BatchSize = 500;
    private const int OtherProjectCount = 1000;
    private const int PageSize = 20;

    private static readonly TimeSpan WarmUpBeforeSample = TimeSpan.FromSeconds(0.5);
    private static readonly string[] Statuses = ["completed", "completed", "completed", "failed", "cancelled", "running"];

    /// <summary>The request of the first page.</summary>
    public static RequestTemplate FirstPageRequest { get; } = RequestTemplate.Get(
        $"/projects/{BenchmarkTarget.ProjectId}/runs?limit={PageSize}",
        BenchmarkTarget.AuthorizationHeader);

    /// <summary>The samples for each size of the store.</summary>
    public async Task<List<(int Size, OperationResult Page)>> Measure(CancellationToken cancellationToken)
    {
        var servers = new List<(int Size, BenchmarkTarget Target, OperationResult Page)>();
        try
        {
            BsonDocument? template = null;
            foreach (var size in options.ListSizes)
            {
                // Only the first server can create runs: they share a queue.
                var server = await BenchmarkTarget.Start(
                    BenchmarkTarget.RunsServer,
                    services,
                    cancellationToken,
                    $"lists_{size}",
                    template is null ? null : FirstPageRequest);
                var description = $"first page of a project, {size:N0} runs in the store";
                servers.Add((size, server, new OperationResult(description, Callers, [])));
                await server.Process.WaitUntilIdle(cancellationToken);
                var runs = services.GetDatabase(server.DatabaseName).GetCollection<BsonDocument>("runs");
                template ??= await ReadFirstRun(runs, cancellationToken);
                Progress.Write($"put {size} runs into the store");
                await InsertRuns(runs, template, size, cancellationToken);
            }

            for (var round = -1; round < options.Rounds; round++)
            {
                foreach (var (_, server, page) in servers)
                {
                    await MeasurePage(server, page, isWarmUp: round < 0, cancellationToken);
                }
            }

            return [.. servers.Select(server => (server.Size, server.Page))];
        }
        finally
        {
            foreach (var (_, server, _) in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    private async Task MeasurePage(
        BenchmarkTarget server,
        OperationResult page,
        bool isWarmUp,
        CancellationToken cancellationToken)
    {
        var plan = new LoadPlan(server.Process.Port, FirstPageRequest, _ => 0, ExpectedStatus: 200);
        var load = await LoadGenerator.Run(plan, Callers, WarmUpBeforeSample, options.SampleDuration, cancellationToken);
        if (!isWarmUp)
        {
            page.Loads.Add(load);
            Progress.Write($"{page.Description}: {load.PerSecond:0}/s, p50 {load.Percentile(0.5):0.0} ms");
        }
    }

    private static Task<BsonDocument> ReadFirstRun(IMongoCollection<BsonDocument> runs, CancellationToken cancellationToken) =>
        runs.Find(new BsonDocument("run_id", BenchmarkTarget.FormatRunId(0))).SingleAsync(cancellationToken);

    private static async Task InsertRuns(
        IMongoCollection<BsonDocument> runs,
        BsonDocument template,
        int size,
        CancellationToken cancellationToken)
    {
        foreach (var numbers in Enumerable.Range(0, size).Chunk(BatchSize))
        {
            await runs.InsertManyAsync(
                numbers.Select(number => CreateCopy(template, number)),
                new InsertManyOptions { IsOrdered = false },
                cancellationToken);
        }
    }

    // A copy of a run that was created over HTTP. One in five belongs to the project that is listed, the others to many
    // projects.
    private static BsonDocument CreateCopy(BsonDocument template, int number)
    {
        var run = template.DeepClone().AsBsonDocument;
        var project = number % 5 == 0 ? BenchmarkTarget.ProjectId : $"00000000-0000-4000-8000-{number % OtherProjectCount:x12}";
        var createdAt = template["created_at"].ToUniversalTime().AddDays(-30).AddSeconds(number);
        run["_id"] = new BsonBinaryData(Guid.CreateVersion7(), GuidRepresentation.Standard);
        run["run_id"] = run["root_run_id"] = $"run_listed_{number:x12}";
        run["project_id"] = project;
        run["owner"]["id"] = project;
        run["status"] = Statuses[number % Statuses.Length];
        run["created_at"] = run["updated_at"] = new BsonDateTime(createdAt);
        return run;
    }
}
