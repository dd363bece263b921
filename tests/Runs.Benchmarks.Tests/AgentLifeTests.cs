using Runs.Benchmarks.Measurements;

namespace Runs.Benchmarks.Tests;

public sealed class AgentLifeTests
{
    [Fact]
    public async Task A_closed_connection_fails_one_life_and_the_agent_begins_another()
    {
        var requests = 0;
        await using var server = await TestServer.Start(context =>
        {
            if (Interlocked.Increment(ref requests) == 3)
            {
                context.Abort();
            }

            context.Response.StatusCode = context.Request.Path == "/runs" ? 202 : 200;
            return Task.CompletedTask;
        });

        var windows = await new AgentLife(server.Port).Run(
            callers: 1, rounds: 1, window: TimeSpan.FromSeconds(2), warmUp: TimeSpan.Zero, CancellationToken.None);

        var window = Assert.Single(windows);
        Assert.Equal(1, window.Failed);
        Assert.NotEqual(0, window.Lives.Count);
    }
}
