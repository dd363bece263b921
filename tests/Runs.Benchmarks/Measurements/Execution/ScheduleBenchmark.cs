using System.Net.Http.Json;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Subjects;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>
/// Measures schedules that are all due at the same time: until the run of each is stored. They are copies of one that
/// was created over HTTP.
/// </summary>
internal sealed class ScheduleBenchmark(BenchmarkOptions options, BenchmarkEnvironment environment)
{
    private const string Database = "schedules";
    private const int BatchSize = 1_000;

    private static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan CountInterval = TimeSpan.FromMilliseconds(250);

    private TimeSpan IdleWindow => 3 * options.SampleDuration;

    public async Task<List<ScheduleResult>> Measure(CancellationToken cancellationToken)
    {
        await using var server = await ObservedServer.Start(environment, Database, cancellationToken);
        var database = environment.Services.GetDatabase(Database);
        var schedules = database.GetCollection<BsonDocument>("schedules");
        var template = await CreateTemplate(server.Subject, schedules, cancellationToken);
        var warmUp = Math.Min(options.Schedules, BatchSize);
        await MeasureRound(server, database, template, warmUp, cancellationToken);
        var results = new List<ScheduleResult>();
        while (results.Count < options.Rounds)
        {
            var result = await MeasureRound(server, database, template, options.Schedules, cancellationToken);
            results.Add(result);
            Progress.Write($"{result.Schedules} schedules: all runs stored after {result.SecondsUntilStored:0.0} s");
            Progress.Write($"  {result.IdleLooksPerSecond:0.00} looks/s before");
        }

        return results;
    }

    private async Task<ScheduleResult> MeasureRound(
        ObservedServer server, IMongoDatabase database, BsonDocument template, int count, CancellationToken cancellationToken)
    {
        var schedules = database.GetCollection<BsonDocument>("schedules");
        var ofSchedules = new BsonDocument("schedule_id", new BsonDocument("$exists", true));
        var runs = database.GetCollection<BsonDocument>("runs");
        var before = await runs.CountDocumentsAsync(ofSchedules, options: null, cancellationToken);
        var begin = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(5 + (count / 1_000)) + IdleWindow;
        var dueAt = DateTimeOffset.FromUnixTimeSeconds(begin.ToUnixTimeSeconds());
        foreach (var numbers in Enumerable.Range(0, count).Chunk(BatchSize))
        {
            await schedules.InsertManyAsync(
                numbers.Select(_ => CreateCopy(template, dueAt)), options: null, cancellationToken);
        }

        await server.Subject.Process.WaitUntilIdle(cancellationToken);
        if (TimeProvider.System.GetUtcNow() + IdleWindow > dueAt)
        {
            throw new InvalidOperationException($"The insert of {count} schedules took too long.");
        }

        var idle = await server.Observe(IdleWindow, cancellationToken);
        await Task.Delay(Later(dueAt - TimeProvider.System.GetUtcNow()), cancellationToken);
        var busy = await server.ObserveDuring(() => Poll.Until(
            async () => await runs.CountDocumentsAsync(ofSchedules, options: null, cancellationToken) - before >= count,
            MaxDuration,
            CountInterval,
            $"Not all of {count} schedules have created their run.",
            cancellationToken));
        await server.Subject.Process.WaitUntilIdle(cancellationToken);
        await schedules.DeleteManyAsync(new BsonDocument(), cancellationToken);
        return new ScheduleResult(count, idle, busy);
    }

    private static TimeSpan Later(TimeSpan delay) => delay < TimeSpan.Zero ? TimeSpan.Zero : delay;

    // Its expression has one fire a year, so that the copies have no second one.
    private static async Task<BsonDocument> CreateTemplate(
        BenchmarkSubject subject, IMongoCollection<BsonDocument> schedules, CancellationToken cancellationToken)
    {
        using var client = subject.CreateClient();
        var response = await client.PostAsJsonAsync(
            $"/projects/{BenchmarkSubject.ProjectId}/schedules",
            new
            {
                name = "Nightly index",
                target = new { kind = "task", id = "rebuild-index" },
                schedule = "30 2 1 1 *",
                config = new { full = true },
            },
            cancellationToken);
        response.EnsureSuccessStatusCode();
        var template = await schedules.Find(new BsonDocument()).SingleAsync(cancellationToken);
        await schedules.DeleteManyAsync(new BsonDocument(), cancellationToken);
        return template;
    }

    private static BsonDocument CreateCopy(BsonDocument template, DateTimeOffset dueAt)
    {
        var schedule = template.DeepClone().AsBsonDocument;
        schedule["_id"] = new BsonBinaryData(Guid.CreateVersion7(), GuidRepresentation.Standard);
        schedule["next_fire_at"] = schedule["due_at"] = new BsonDateTime(dueAt.UtcDateTime);
        return schedule;
    }
}
