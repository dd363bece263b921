using System.Diagnostics;
using Xunit.Abstractions;

namespace Runs.EndToEnd.Tests;

/// <summary>A broker of three nodes accepts commands while any one node is stopped.</summary>
[Collection(nameof(FaultyContainers))]
public sealed class BrokerNodeFailureTests(ContainerFixture containers, ITestOutputHelper output)
{
    // MassTransit connects to another node after three seconds or more. Meanwhile the queues elect their leaders.
    private static readonly TimeSpan RecoveryTimeout = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Creates_succeed_when_any_one_node_stops()
    {
        await using var cluster = await BrokerCluster.Start();
        var application = new ClusterApplication(cluster.ConnectionString, containers.NewDatabase());
        await application.InitializeAsync();
        try
        {
            foreach (var node in cluster.Nodes)
            {
                await cluster.WaitUntilFullyReplicated();
                await node.Stop();
                var watch = Stopwatch.StartNew();

                await Eventually.Succeeds(async () => await application.Client.Create(TestRequests.TaskBody()), RecoveryTimeout);
                output.WriteLine($"the first create after {watch.Elapsed.TotalSeconds:0.0} s");
                await Eventually.Holds(async () => (await application.Client.Get("/health/commands")).Status == 200, RecoveryTimeout);
                for (var i = 0; i < 20; i++)
                {
                    await application.Client.Create(TestRequests.TaskBody());
                }

                await node.Restart();
            }
        }
        finally
        {
            await application.DisposeAsync();
        }
    }

    private sealed class ClusterApplication(string rabbitMq, string mongoDb) : RunsApplication
    {
        protected override Task<Dictionary<string, string?>> CreateSettings() => Task.FromResult(new Dictionary<string, string?>
        {
            ["ConnectionStrings:RabbitMq"] = rabbitMq,
            ["ConnectionStrings:MongoDb"] = mongoDb,
            ["Api:ReplyTimeout"] = "00:00:03",
        });
    }
}
