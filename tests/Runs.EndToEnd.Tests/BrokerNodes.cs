using System.Diagnostics;
using Runs.Bench;
using Xunit.Abstractions;

namespace Runs.EndToEnd.Tests;

/// <summary>A broker of three nodes keeps taking commands when any one of them stops.</summary>
[Collection(nameof(Containers))]
public sealed class BrokerNodes(Containers containers, ITestOutputHelper output)
{
    // The connection is lost, MassTransit waits for three seconds or more before it connects to another node, and the queues elect their leaders meanwhile.
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Creates_go_on_when_any_one_node_stops()
    {
        await using var cluster = await BrokerCluster.Start();
        var stack = new ClusterStack(cluster.ConnectionString, containers.NewDatabase());
        await stack.InitializeAsync();
        try
        {
            foreach (var node in cluster.Nodes)
            {
                await cluster.IsWhole();
                await node.Stop();
                var watch = Stopwatch.StartNew();

                await Eventually.Succeeds(async () => await stack.Client.Create(Calls.Task()), Recovery);
                output.WriteLine($"the first create after {watch.Elapsed.TotalSeconds:0.0} s");
                await Eventually.Holds(async () => (await stack.Client.GetAsync("/health/commands")).IsSuccessStatusCode, Recovery);
                for (var i = 0; i < 20; i++)
                {
                    await stack.Client.Create(Calls.Task());
                }

                await node.Restart();
            }
        }
        finally
        {
            await stack.DisposeAsync();
        }
    }

    private sealed class ClusterStack(string rabbitMq, string mongoDb) : Stack
    {
        protected override Task<Dictionary<string, string?>> Settings() => Task.FromResult(new Dictionary<string, string?>
        {
            ["ConnectionStrings:RabbitMq"] = rabbitMq,
            ["ConnectionStrings:MongoDb"] = mongoDb,
            ["Api:ReplyTimeout"] = "00:00:03",
        });
    }
}
