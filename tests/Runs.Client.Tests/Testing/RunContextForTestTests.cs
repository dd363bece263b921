using Runs.Testing;

namespace Runs.Client.Tests;

/// <summary>Handlers without a server.</summary>
public sealed class RunContextForTestTests
{
    [Fact]
    public async Task A_handler_gets_config_attempt_and_checkpoint_and_saves_the_next_one()
    {
        var run = RunContext.ForTest(new Pages(3), attempt: 2, checkpoint: new Pages(1));

        var result = await Handle(run, CancellationToken.None);

        Assert.Equal(RunResult.Completed(new { attempt = 2, from = 1 }), result);
        Assert.Equal(new Pages(3), run.Checkpoint<Pages>());
    }

    [Fact]
    public async Task A_handler_sees_that_its_worker_shuts_down()
    {
        var run = RunContext.ForTest(new Pages(3), shuttingDown: new CancellationToken(canceled: true));

        Assert.Equal(RunResult.Release(), await Handle(run, CancellationToken.None));
        Assert.Null(run.Checkpoint<Pages>());
    }

    [Fact]
    public async Task A_call_that_needs_a_server_throws()
    {
        var run = RunContext.ForTest(new Pages(3));

        var exception = await Assert.ThrowsAsync<RunsException>(
            () => run.StartChild("check", NewRun.Task("task:check"), CancellationToken.None));

        Assert.Equal("NO_SERVER", exception.Code);
    }

    private static async Task<RunResult> Handle(RunContext<Pages> run, CancellationToken stop)
    {
        var first = run.Checkpoint<Pages>()?.Count ?? 0;
        for (var page = first; page < run.Config.Count; page++)
        {
            if (run.ShuttingDown.IsCancellationRequested)
            {
                return RunResult.Release();
            }

            await run.Progress((page + 1d) / run.Config.Count, null, stop);
            await run.SaveCheckpoint(new Pages(page + 1), stop);
        }

        await run.Log.Flush(stop);
        return RunResult.Completed(new { attempt = run.Attempt, from = first });
    }

    private sealed record Pages(int Count);
}
