using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements;

/// <summary>Fills a store with copies of a run that was created over HTTP.</summary>
internal static class StoredRuns
{
    private const int BatchSize = 500;
    private const int Writers = 4;
    private const int OtherProjectCount = 1000;

    private static readonly string[] Statuses = ["completed", "completed", "completed", "failed", "cancelled", "running"];

    /// <summary>
    /// Inserts the copies. One in five belongs to the project of all subjects, the others to many projects.
    /// </summary>
    public static async Task Insert(IMongoCollection<BsonDocument> runs, int count, CancellationToken cancellationToken)
    {
        var template = await runs
            .Find(new BsonDocument("run_id", BenchmarkSubject.FormatRunId(0)))
            .SingleAsync(cancellationToken);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count).Chunk(BatchSize),
            new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellationToken },
            async (numbers, cancellation) => await runs.InsertManyAsync(
                numbers.Select(number => CreateCopy(template, number)),
                new InsertManyOptions { IsOrdered = false },
                cancellation));
    }

    private static BsonDocument CreateCopy(BsonDocument template, int number)
    {
        var run = template.DeepClone().AsBsonDocument;
        var project = number % 5 == 0 ? BenchmarkSubject.ProjectId : $"00000000-0000-4000-8000-{number % OtherProjectCount:x12}";
        var createdAt = template["created_at"].ToUniversalTime().AddDays(-30).AddSeconds(number);
        run["_id"] = new BsonBinaryData(Guid.CreateVersion7(), GuidRepresentation.Standard);
        run["run_id"] = run["root_run_id"] = $"run_listed_{number:x12}";
        run["project_id"] = project;
        run["owner"]["id"] = project;
        run["status"] = Statuses[number % Statuses.Length];
        run["created_at"] = run["updated_at"] = new BsonDateTime(createdAt);
        run.Remove("outbox");
        return run;
    }
}
