using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Runs.Api;
using Runs.Contracts;
using Runs.Store;
using Runs.Tests.Security;
using Runs.Tests.Stores;

namespace Runs.Tests.Http;

/// <summary>How often the metadata and targets of workers are read.</summary>
public sealed class WorkerDetailsCacheTests : IDisposable
{
    private static readonly Guid Id = RunIds.ForWorker("dev", "project", "kind", "key");

    private readonly FakeTimeProvider _clock = new(TestRuns.Noon);
    private readonly FakeWorkerStore _store = new();
    private readonly ServiceProvider _metrics = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly RequestLimits _limits;
    private readonly WorkerDetailsCache _cache;

    public WorkerDetailsCacheTests()
    {
        _limits = new RequestLimits(Options.Create(new ApiOptions()), new ApiMetrics(_metrics.GetRequiredService<IMeterFactory>()));
        var workers = new WorkerCache(new WorkerLookup(_store), Options.Create(new AuthOptions()), _clock);
        _cache = new WorkerDetailsCache(workers, _store, _limits);
    }

    public void Dispose()
    {
        _cache.Dispose();
        _limits.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public async Task The_details_of_a_worker_are_read_once_for_each_version()
    {
        _store.Put(FakeWorkerStore.CreateWorker(Id, TestRuns.Noon) with { Targets = ["task:a"] });
        await AssertTargets("task:a");
        _clock.Advance(TimeSpan.FromMinutes(10));
        await AssertTargets("task:a");
        Assert.Equal(1, _store.DetailReads);

        _store.Put(FakeWorkerStore.CreateWorker(Id, TestRuns.Noon) with { Targets = ["task:b"], Version = 2 });
        _clock.Advance(TimeSpan.FromMinutes(1));
        await AssertTargets("task:b");
        await AssertTargets("task:b");
        Assert.Equal(2, _store.DetailReads);
    }

    [Fact]
    public async Task A_worker_that_does_not_exist_is_not_found()
    {
        var found = await Find();

        Assert.Equal(404, found.Problem!.StatusCode);
        Assert.Equal(0, _store.DetailReads);
    }

    private async Task AssertTargets(string target)
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal([target], (await Find()).Value!.Targets);
        }
    }

    private Task<Result<Worker>> Find() => _cache.Find(
        new Caller("dev", null)
        {
            ActorType = ResponderTypes.Agent,
            Actor = new Actor { Type = ActorTypes.Worker },
            TraceId = "trace",
            Worker = new CallingWorker(Id, "project", "kind", "key", "hash"),
        },
        default);
}
