using Microsoft.Extensions.DependencyInjection;
using Runs.FaultInjection.Execution;
using Runs.Worker;

namespace Runs.FaultInjection.WorkerProcesses;

/// <summary>
/// Executes a run in steps. Each step appends an event whose name has the attempt, and waits until it is stored.
/// </summary>
/// <param name="ignoresStop">Whether it goes on after its token is cancelled, as a careless handler does.</param>
internal sealed class StepHandler(bool ignoresStop)
{
    public async Task<RunResult> Handle(RunContext<StepConfig> run, CancellationToken stop)
    {
        var records = run.Services.GetRequiredService<RecordWriter>();
        await using var registration = stop.Register(() => records.WriteStop(run.RunId, run.Attempt, run.StopReason));
        var token = ignoresStop ? CancellationToken.None : stop;
        for (var step = 0; step < run.Config.Steps; step++)
        {
            if (run.ShuttingDown.IsCancellationRequested)
            {
                return RunResult.Release();
            }

            await run.Log.Custom(EventNames.Create(run.RunId, run.Attempt, step), null, token);
            await run.Log.Flush(token);
            await Task.Delay(TimeSpan.FromMilliseconds(run.Config.StepMilliseconds), token);
        }

        return RunResult.Completed(new { attempt = run.Attempt });
    }
}
