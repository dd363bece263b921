using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Bench.Bench.Load;
using Runs.Bench.Bench.Subjects;

namespace Runs.Bench.Bench.Measurements;

/// <summary>The first page of a project's list, with few runs in the store and with many: one server for each size, asked in turns.</summary>
internal sealed class ListPages(BenchOptions options, Rig rig)
{
    private const int Callers = 8;
    private const int Batch = 500;
    private const int OtherProjects = 1000;
    private const int PageSize = 20;

    /// <summary>Sizes of the store, each with its samples.</summary>
    public async Task<List<(int Size, Operation Page)>> Measure(CancellationToken cancellationToken)
    {
        var servers = new List<(int Size, Subject Subject, Operation Page)>();
        try
        {
            BsonDocument? like = null;
            foreach (var size in options.ListSizes)
            {
                // Only the first may create: they share a queue.
                var server = await Subject.Start(Subject.Ours, rig, cancellationToken, $"lists_{size}", like is null ? null : Page);
                servers.Add((size, server, new Operation($"first page of a project, {size:N0} runs in the store", Callers, [])));
                await server.Process.IsQuiet(cancellationToken);
                var runs = rig.Database(server.Database).GetCollection<BsonDocument>("runs");
                like ??= await runs.Find(new BsonDocument("run_id", Subject.IdOf(0))).SingleAsync(cancellationToken);
                Progress.Say($"put {size} runs into the store");
                await Fill(runs, like, size, cancellationToken);
            }

            for (var round = -1; round < options.Rounds; round++)
            {
                foreach (var (size, server, page) in servers)
                {
                    var load = await LoadGenerator.Run(
                        new LoadPlan(server.Process.Port, Page, _ => 0, Expected: 200), Callers, TimeSpan.FromSeconds(0.5), options.Window, cancellationToken);
                    if (round >= 0)
                    {
                        page.Loads.Add(load);
                        Progress.Say($"{page.What}: {load.PerSecond:0}/s, p50 {load.Percentile(0.5):0.0} ms");
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
    public static RequestTemplate Page { get; } = RequestTemplate.Get($"/projects/{Subject.Project}/runs?limit={PageSize}", Subject.Headers);

    // Copies of a run that was created as every run is. One in five belongs to the project that is looked at, the others to many.
    private static async Task Fill(IMongoCollection<BsonDocument> runs, BsonDocument like, int size, CancellationToken cancellationToken)
    {
        var begun = like["created_at"].ToUniversalTime().AddDays(-30);
        string[] statuses = ["completed", "completed", "completed", "failed", "cancelled", "running"];
        for (var first = 0; first < size; first += Batch)
        {
            await runs.InsertManyAsync(
                Enumerable.Range(first, Math.Min(Batch, size - first)).Select(number =>
                {
                    var run = (BsonDocument)like.DeepClone();
                    var project = number % 5 == 0 ? Subject.Project : $"00000000-0000-4000-8000-{number % OtherProjects:x12}";
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
