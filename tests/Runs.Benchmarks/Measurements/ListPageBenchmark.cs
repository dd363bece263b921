using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Targets;

namespace Runs.Benchmarks.Measurements;

/// <summary>The first page of a project's list, with few runs in the store and with many: one server for each size, asked in turns.</summary>
internal sealed class ListPageBenchmark(BenchmarkOptions options, ServiceEndpoints rig)
{
    private const int Callers = 8;
    private const int Batch = 500;
    private const int OtherProjectCount = 1000;
    private const int PageSize = 20;

    /// <summary>Sizes of the store, each with its samples.</summary>
    public async Task<List<(int Size, OperationResult Page)>> Measure(CancellationToken cancellationToken)
    {
        var servers = new List<(int Size, BenchmarkTarget Subject, OperationResult Page)>();
        try
        {
            BsonDocument? like = null;
            foreach (var size in options.ListSizes)
            {
                // Only the first may create: they share a queue.
                var server = await BenchmarkTarget.Start(BenchmarkTarget.RunsServer, rig, cancellationToken, $"lists_{size}", like is null ? null : FirstPageRequest);
                servers.Add((size, server, new OperationResult($"first page of a project, {size:N0} runs in the store", Callers, [])));
                await server.Process.WaitUntilIdle(cancellationToken);
                var runs = rig.GetDatabase(server.DatabaseName).GetCollection<BsonDocument>("runs");
                like ??= await runs.Find(new BsonDocument("run_id", BenchmarkTarget.FormatRunId(0))).SingleAsync(cancellationToken);
                Progress.Write($"put {size} runs into the store");
                await InsertRuns(runs, like, size, cancellationToken);
            }

            for (var round = -1; round < options.Rounds; round++)
            {
                foreach (var (size, server, page) in servers)
                {
                    var load = await LoadGenerator.Run(
                        new LoadPlan(server.Process.Port, FirstPageRequest, _ => 0, ExpectedStatus: 200), Callers, TimeSpan.FromSeconds(0.5), options.SampleDuration, cancellationToken);
                    if (round >= 0)
                    {
                        page.Loads.Add(load);
                        Progress.Write($"{page.Description}: {load.PerSecond:0}/s, p50 {load.Percentile(0.5):0.0} ms");
                    }
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

    /// <summary>The first page.</summary>
    public static RequestTemplate FirstPageRequest { get; } = RequestTemplate.Get($"/projects/{BenchmarkTarget.ProjectId}/runs?limit={PageSize}", BenchmarkTarget.AuthorizationHeader);

    // Copies of a run that was created as every run is. One in five belongs to the project that is looked at, the others to many.
    private static async Task InsertRuns(IMongoCollection<BsonDocument> runs, BsonDocument template, int size, CancellationToken cancellationToken)
    {
        var begun = template["created_at"].ToUniversalTime().AddDays(-30);
        string[] statuses = ["completed", "completed", "completed", "failed", "cancelled", "running"];
        for (var first = 0; first < size; first += Batch)
        {
            await runs.InsertManyAsync(
                Enumerable.Range(first, Math.Min(Batch, size - first)).Select(number =>
                {
                    var run = (BsonDocument)template.DeepClone();
                    var project = number % 5 == 0 ? BenchmarkTarget.ProjectId : $"00000000-0000-4000-8000-{number % OtherProjectCount:x12}";
                    var time = new BsonDateTime(begun.AddSeconds(number));
                    run["_id"] = new BsonBinaryData(Guid.CreateVersion7(), GuidRepresentation.Standard);
                    run["run_id"] = run["root_run_id"] = $"run_listed_{number:x12}";
                    run["project_id"] = project;
                    run["owner"]["id"] = project;
                    run["status"] = statuses[number % statuses.Length];
                    run["created_at"] = run["updated_at"] = time;
                    return run;
                }),
                new InsertManyOptions { IsOrdered = false }, cancellationToken);
        }
    }
}
