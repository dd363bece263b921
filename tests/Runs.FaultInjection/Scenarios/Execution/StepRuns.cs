using System.Text.Json.Nodes;
using MongoDB.Bson;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Execution;
using Runs.FaultInjection.Storage;
using Runs.FaultInjection.WorkerProcesses;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection.Scenarios.Execution;

/// <summary>The runs of one target, which workers execute in a scenario.</summary>
/// <param name="context">The scenario.</param>
/// <param name="name">The name of the target, without its kind. Also the prefix of the run ids.</param>
internal sealed class StepRuns(ScenarioContext context, string name)
{
    private const int MaxConcurrentCreates = 16;

    private readonly List<string> _ids = [];

    public string Target { get; } = $"task:{name}";

    /// <summary>The prefix of the ids of the runs.</summary>
    public string IdPrefix { get; } = $"{context.Experiment.RunIdPrefix}-{name}-";

    /// <summary>The ids of the runs.</summary>
    public IReadOnlyList<string> Ids => _ids;

    private Experiment Experiment => context.Experiment;

    /// <summary>Creates runs, spread evenly over a duration, or as fast as possible.</summary>
    /// <param name="count">The number of runs.</param>
    /// <param name="config">What their attempts do; null for attempts that a scenario executes itself.</param>
    /// <param name="backoffLimit">The number of further attempts after the first failed one; null for none.</param>
    /// <param name="duration">The duration.</param>
    public async Task Create(int count, StepConfig? config = null, int? backoffLimit = null, TimeSpan duration = default)
    {
        var ids = Enumerable.Range(_ids.Count, count).Select(number => $"{IdPrefix}{number}").ToList();
        _ids.AddRange(ids);
        var begin = Clock.ElapsedSeconds;
        await Parallel.ForEachAsync(
            ids.Index(),
            new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentCreates },
            async (id, _) =>
            {
                var wait = begin + (duration.TotalSeconds * id.Index / count) - Clock.ElapsedSeconds;
                if (wait > 0)
                {
                    await Task.Delay(TimeSpan.FromSeconds(wait), CancellationToken.None);
                }

                await Open(id.Item).Create(CreateBody(id.Item, config, backoffLimit));
            });
    }

    /// <summary>Waits until all runs have ended.</summary>
    public async Task WaitUntilEnded(TimeSpan timeout)
    {
        using var store = new RunStoreReader(Experiment.Deployment.StoreUrl, Experiment.ProjectId);
        var start = Clock.ElapsedSeconds;
        while (await store.CountUnfinished(Target) is > 0 and var count)
        {
            if (Clock.ElapsedSeconds - start > timeout.TotalSeconds)
            {
                Experiment.Violations.Add(Invariants.ScenarioLimits, $"{count} runs of {Target} have not ended after {timeout}");
                return;
            }

            await Task.Delay(200);
        }
    }

    /// <summary>Reads the stored runs.</summary>
    public async Task<IReadOnlyList<StoredRun>> Read()
    {
        using var store = new RunStoreReader(Experiment.Deployment.StoreUrl, Experiment.ProjectId);
        return await store.ReadAll(new BsonDocument("target", Target));
    }

    /// <summary>Checks that each run was completed.</summary>
    public void CheckCompleted(IReadOnlyList<StoredRun> runs)
    {
        foreach (var run in runs.Where(run => run.Status != "completed"))
        {
            Experiment.Violations.Add(
                Invariants.ScenarioLimits,
                $"{run.Id} is {run.Phase ?? run.Status} after "
                + string.Join(", ", run.Attempts.Select(attempt => attempt.Outcome ?? "current")));
        }

        if (runs.Count != _ids.Count)
        {
            Experiment.Violations.Add(Invariants.NoLostRuns, $"{runs.Count} of {_ids.Count} runs of {Target} are stored");
        }
    }

    private ExecutedRun Open(string id) => new(Experiment, context.Http, new RunReads(Experiment, context.Http), id);

    private JsonObject CreateBody(string id, StepConfig? config, int? backoffLimit) => new()
    {
        ["kind"] = "task",
        ["public_id"] = id,
        ["owner"] = new JsonObject { ["kind"] = "project", ["id"] = Experiment.ProjectId },
        ["request"] = new JsonObject
        {
            ["target"] = Target,
            ["backoff_limit"] = backoffLimit,
            ["config"] = config is null
                ? null
                : new JsonObject { ["steps"] = config.Steps, ["stepMilliseconds"] = config.StepMilliseconds },
        },
    };
}
