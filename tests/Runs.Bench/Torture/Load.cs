namespace Runs.Bench.Torture;

/// <summary>The callers: each drives its share of the lives, one after another, not sooner than the schedule says.</summary>
internal sealed class Load(Stage stage, HttpCaller http, IReadOnlyList<BrokerCaller> brokers)
{
    private int _done;

    /// <summary>Lives that are over.</summary>
    public int Done => _done;

    /// <summary>Lives <paramref name="count"/> lives, spread over <paramref name="duration"/>.</summary>
    public Task Run(int first, int count, int callers, TimeSpan duration, Func<Life, Task<Subject?>> live)
    {
        var begin = Watch.Seconds;
        return Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            Subject? parent = null;
            for (var number = caller; number < count; number += callers)
            {
                var due = begin + (duration.TotalSeconds * number / count) - Watch.Seconds;
                if (due > 0)
                {
                    await Task.Delay(TimeSpan.FromSeconds(due));
                }

                try
                {
                    parent = await live(new Life(stage, http, brokers[caller % brokers.Count], first + number, parent)) ?? parent;
                }
                catch (OperationCanceledException) when (stage.GivingUp.IsCancellationRequested)
                {
                    stage.Violations.Add(Promises.NoHelp, $"{stage.Name}-{first + number} was not served in the end");
                }

                Interlocked.Increment(ref _done);
            }
        })));
    }
}
