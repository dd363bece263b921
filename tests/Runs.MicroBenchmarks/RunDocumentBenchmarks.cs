using BenchmarkDotNet.Attributes;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using Runs.Contracts;
using Runs.Store;
using Runs.Store.Mongo;

namespace Runs.MicroBenchmarks;

/// <summary>The mapping of a pending task run to its document and back.</summary>
public class RunDocumentBenchmarks
{
    private readonly Run _run = CreateRun();
    private readonly byte[] _document;

    public RunDocumentBenchmarks()
    {
        RunClassMaps.Register();
        _document = _run.ToBson();
    }

    [Benchmark]
    public byte[] Serialize() => _run.ToBson();

    [Benchmark]
    public Run Deserialize() => BsonSerializer.Deserialize<Run>(_document);

    private static Run CreateRun()
    {
        var createdAt = new DateTimeOffset(2026, 9, 1, 2, 0, 0, TimeSpan.Zero);
        return new Run
        {
            Id = RunIds.ForRun("bench", "run_1"),
            Tenant = "bench",
            RunId = "run_1",
            RootRunId = "run_1",
            Kind = RunKinds.Task,
            Status = RunStatuses.Pending,
            Version = 1,
            Owner = new Owner { Kind = OwnerKinds.Project, Id = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10" },
            ProjectId = "7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10",
            Target = "task:resize-images",
            Name = "Resize the images of an order",
            Request = new RawJson(CreateRequests.Request),
            CreatedAt = createdAt,
            UpdatedAt = createdAt,
        };
    }
}
