namespace Runs.FaultInjection.Faults;

/// <summary>A fault of a schedule.</summary>
/// <param name="StartOffset">From the beginning of the load.</param>
/// <param name="Duration">Until what was taken away is given back; coming up again takes its own time.</param>
/// <param name="Kind">What.</param>
/// <param name="Target">Which of those that the kind may hit.</param>
internal readonly record struct Fault(TimeSpan StartOffset, TimeSpan Duration, FaultKind Kind, int Target)
{
    /// <summary>What is hit. One fault at a time for each.</summary>
    public string TargetName => Kind switch
    {
        FaultKind.KillBroker or FaultKind.FreezeBroker or FaultKind.MemoryAlarm or FaultKind.DiskAlarm or FaultKind.StopNode or FaultKind.KillNode
            or FaultKind.PartitionNode => "broker", // of nodes one at a time, too: two would take the majority away
        FaultKind.KillStore or FaultKind.FreezeStore or FaultKind.SlowStore or FaultKind.FullStore => "store",
        FaultKind.KillApi or FaultKind.FreezeApi or FaultKind.DropReplies => $"api-{(Target % 2) + 1}",
        FaultKind.KillLifecycle or FaultKind.FreezeLifecycle or FaultKind.Redeliver => $"lifecycle-{(Target % 2) + 1}",
        _ => $"{(Target % 4 < 2 ? "api" : "lifecycle")}-{(Target % 2) + 1}",
    };

    public string Name => string.Concat(Kind.ToString().Select((letter, i) => char.IsUpper(letter) && i > 0 ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));

    /// <summary>
    /// A schedule of <paramref name="kinds"/> at random: the next begins some seconds after the last began, whether that is over or not. The same for the same seed.
    /// </summary>
    public static IReadOnlyList<Fault> CreateRandomSchedule(int seed, TimeSpan duration, IReadOnlyList<FaultKind> kinds)
    {
        var random = new Random(seed);
        var (faults, free, round) = (new List<Fault>(), new Dictionary<string, double>(), new Queue<FaultKind>());
        var pace = Math.Min(10, duration.TotalSeconds / (kinds.Count + 1)); // a short torture has most kinds once, too
        for (var at = 4.0; at < duration.TotalSeconds; at += pace * (0.4 + (1.2 * random.NextDouble())))
        {
            // Each kind comes once before any comes again.
            var kind = round.TryDequeue(out var next) ? next : Refill();
            var seconds = 1 + (5 * random.NextDouble());
            var fault = new Fault(TimeSpan.FromSeconds(at), TimeSpan.FromSeconds(seconds), kind, random.Next(1_000));
            var begin = Math.Max(at, free.GetValueOrDefault(fault.TargetName));
            free[fault.TargetName] = begin + seconds + 4;
            faults.Add(fault with { StartOffset = TimeSpan.FromSeconds(begin) });
        }

        FaultKind Refill()
        {
            var shuffled = kinds.ToArray();
            random.Shuffle(shuffled);
            Array.ForEach(shuffled, round.Enqueue);
            return round.Dequeue();
        }

        return [.. faults.Where(fault => fault.StartOffset < duration).OrderBy(fault => fault.StartOffset)];
    }

    /// <summary>The same kinds again and again, evenly.</summary>
    public static IReadOnlyList<Fault> CreateRepeatedSchedule(int count, TimeSpan first, TimeSpan interval, TimeSpan faultDuration, params FaultKind[] kinds) =>
        [.. Enumerable.Range(0, count).Select(i => new Fault(first + (i * interval), faultDuration, kinds[i % kinds.Length], i / kinds.Length))];
}
