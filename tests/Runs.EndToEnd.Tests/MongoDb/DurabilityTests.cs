using System.Collections.Concurrent;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Runs.EndToEnd.Tests.MongoDb;

public sealed class DurabilityTests(ContainerFixture containers) : MongoEngineTests(containers)
{
    private readonly ContainerFixture _containers = containers;

    [Fact]
    public async Task Acknowledged_writes_survive_a_kill()
    {
        var acknowledged = new ConcurrentBag<int>();
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writers = Enumerable.Range(0, 16).Select(writer => Write(writer * 100_000, acknowledged, enough)).ToArray();

        await enough.Task;
        await using (await _containers.MongoDb.Kill())
        {
            await Task.WhenAll(writers);
        }

        var found = await Runs.Find(Builders<BsonDocument>.Filter.Empty).Project("{ _id: 1 }").ToListAsync();
        Assert.Superset(acknowledged.ToHashSet(), found.Select(run => run["_id"].AsInt32).ToHashSet());
    }

    [Fact]
    public async Task Connections_work_again_after_a_pause()
    {
        await Runs.InsertOneAsync(Run(1));

        Task waiting;
        await using (await _containers.MongoDb.Pause())
        {
            waiting = Runs.InsertOneAsync(Run(2));
        }

        await waiting;

        Assert.Equal(2, await Runs.CountDocumentsAsync(Builders<BsonDocument>.Filter.Empty));
    }

    /// <summary>Writes until the server is gone.</summary>
    private async Task Write(int first, ConcurrentBag<int> acknowledged, TaskCompletionSource enough)
    {
        try
        {
            for (var id = first; ; id++)
            {
                await Runs.InsertOneAsync(Run(id), cancellationToken: new CancellationTokenSource(TimeSpan.FromSeconds(5)).Token);
                acknowledged.Add(id);
                if (acknowledged.Count >= 500)
                {
                    enough.TrySetResult();
                }
            }
        }
        catch (Exception e) when (e is MongoException or TimeoutException or OperationCanceledException)
        {
            enough.TrySetException(new InvalidOperationException("The server went away before the test took it away.", e));
        }
    }
}
