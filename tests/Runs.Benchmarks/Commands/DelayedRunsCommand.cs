using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using MongoDB.Bson;
using MongoDB.Driver;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Measurements.Execution;
using Runs.Benchmarks.Subjects;
using Runs.Store;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Commands;

/// <summary>
/// Very many delayed runs of one tenant that may start in the same second (X16 of docs/reliability.md): how long until
/// all are ready, and how long claims of another tenant take meanwhile. The runs are copies of one that was created
/// over HTTP.
/// </summary>
internal static class DelayedRunsCommand
{
    private const string Database = "delayed";
    private const string Tenant = "delayed";
    private const int BatchSize = 1_000;
    private const int MinInsertsPerSecond = 4_000;
    private const int Callers = 8;
    private const double ClaimsPerSecond = 40;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Preparation = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var runs = CountArgument.Create("runs", 1_000_000);
        var command = new Command("delayed", "Measures how long very many delayed runs take that become ready at the same time.")
        {
            runs,
        };
        command.SetAction((result, cancellationToken) => Run(result.GetValue(runs), cancellationToken));
        return command;
    }

    private static async Task<int> Run(int count, CancellationToken cancellationToken)
    {
        LoadGenerator.EnableInlineCompletions();
        await using var broker = await Container.StartRabbitMq();
        await using var store = await Container.StartMongoDb();
        var services = new ServiceEndpoints(broker.Port, store.Port);
        await using var server = await BenchmarkSubject.Start(
            new SubjectOptions(BenchmarkSubject.RunsServer, services) { Database = Database }, cancellationToken);
        Console.Out.WriteLine($"{count:N0} delayed runs, RabbitMQ and MongoDB in containers, {Environment.ProcessorCount} cores");

        var runs = services.GetDatabase(Database).GetCollection<BsonDocument>("runs");
        var claims = await PrepareClaims(server, cancellationToken);
        var insertDuration = TimeSpan.FromSeconds(count / MinInsertsPerSecond);
        var dueAt = DateTimeOffset.FromUnixTimeSeconds(
            (TimeProvider.System.GetUtcNow() + insertDuration + Preparation + Window).ToUnixTimeSeconds());
        await Insert(runs, await CreateTemplate(server, runs, cancellationToken), count, dueAt, cancellationToken);
        await server.Process.WaitUntilIdle(cancellationToken);
        var before = await MeasureClaims(claims, cancellationToken);
        Report("before", before);

        var delay = dueAt - TimeProvider.System.GetUtcNow();
        if (delay < TimeSpan.Zero)
        {
            throw new InvalidOperationException($"The insert of {count} runs took too long.");
        }

        await Task.Delay(delay, cancellationToken);
        server.Process.ResetPeakMemory();
        var watch = Stopwatch.StartNew();
        var measuring = MeasureClaims(claims, cancellationToken);
        var isDue = new BsonDocument("due_at", new BsonDateTime(dueAt.UtcDateTime));
        await Poll.Until(
            async () => !await runs.Find(isDue).AnyAsync(cancellationToken),
            MaxDuration,
            CheckInterval,
            $"Not all of {count} runs are ready.",
            cancellationToken);
        var seconds = watch.Elapsed.TotalSeconds;
        var meanwhile = await measuring;
        Report("meanwhile", meanwhile);
        var ready = await runs.CountDocumentsAsync(
            new BsonDocument { { "tenant", Tenant }, { "claim_rank", new BsonDocument("$exists", true) } },
            options: null,
            cancellationToken);
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{ready:N0} ready after {seconds:0.0} s, {count / seconds:N0}/s; peak memory {server.Process.PeakMemory / 1e6:0} MB"));
        return ready == count && HasNoFailure(before) && HasNoFailure(meanwhile) ? 0 : 1;
    }

    // The claims of two windows, before and after the runs are due, and a reserve of one window.
    private static async Task<LoadPlan> PrepareClaims(BenchmarkSubject server, CancellationToken cancellationToken)
    {
        var workers = await BenchmarkWorker.RegisterMany(server, ClaimBenchmark.ManyCallers, cancellationToken);
        var plan = ClaimBenchmark.CreatePlan(workers, [server.Process.Port]);
        var ready = new ReadyRuns(server, [server.Process]);
        await new ClaimLoad([server.Process], plan, ready).WarmUp(TimeSpan.FromSeconds(10), cancellationToken);
        await ready.Fill((long)(3 * ClaimsPerSecond * Window.TotalSeconds), cancellationToken);
        return plan with { Interval = TimeSpan.FromSeconds(Callers / ClaimsPerSecond), IncludesSendDelay = true };
    }

    private static Task<LoadResult> MeasureClaims(LoadPlan plan, CancellationToken cancellationToken) =>
        LoadGenerator.Run(plan, Callers, TimeSpan.Zero, Window, cancellationToken);

    private static bool HasNoFailure(LoadResult load) => load.Failed + load.Rejected == 0;

    private static void Report(string time, LoadResult load) => Console.Out.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"claims of another tenant {time}: {load.PerSecond:0.0}/s, p50 {load.Percentile(0.5):0.0} ms, "
        + $"p99 {load.Percentile(0.99):0.0} ms, {load.Failed + load.Rejected} failed"));

    private static async Task<BsonDocument> CreateTemplate(
        BenchmarkSubject server, IMongoCollection<BsonDocument> runs, CancellationToken cancellationToken)
    {
        const string runId = "run_delayed";
        using var client = server.CreateClient();
        var response = await client.PostAsJsonAsync(
            "/runs",
            new
            {
                kind = "task",
                public_id = runId,
                owner = new { kind = "project", id = BenchmarkSubject.ProjectId },
                request = new { target = "task:send-reminders", input = new { order_id = "a4f1c7d2" }, delay_seconds = 86_400 },
            },
            cancellationToken);
        response.EnsureSuccessStatusCode();
        await server.Process.WaitUntilIdle(cancellationToken);
        return await runs.Find(new BsonDocument("run_id", runId)).SingleAsync(cancellationToken);
    }

    private static Task Insert(
        IMongoCollection<BsonDocument> runs, BsonDocument template, int count, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, count).Chunk(BatchSize),
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken },
            async (numbers, cancellation) => await runs.InsertManyAsync(
                numbers.Select(number => CreateCopy(template, number, dueAt)),
                new InsertManyOptions { IsOrdered = false },
                cancellation));

    private static BsonDocument CreateCopy(BsonDocument template, int number, DateTimeOffset dueAt)
    {
        var run = template.DeepClone().AsBsonDocument;
        var runId = FormattableString.Invariant($"run_delayed_{number}");
        run["_id"] = new BsonBinaryData(RunIds.ForRun(Tenant, runId), GuidRepresentation.Standard);
        run["run_id"] = run["root_run_id"] = runId;
        run["tenant"] = Tenant;
        run["start_after"] = run["due_at"] = new BsonDateTime(dueAt.UtcDateTime);
        run.Remove("outbox");
        return run;
    }
}
