namespace Runs.FaultInjection.Faults;

/// <summary>A fault of a schedule.</summary>
/// <param name="StartOffset">The time from the beginning of the load.</param>
/// <param name="Duration">The time until the fault is reverted; the recovery takes longer.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Target">Selects the target among those that the kind can hit.</param>
internal readonly record struct Fault(TimeSpan StartOffset, TimeSpan Duration, FaultKind Kind, int Target)
{
    /// <summary>What the fault hits. Each target has one fault at a time.</summary>
    public string TargetName => Kind switch
    {
        FaultKind.KillBroker or FaultKind.FreezeBroker or FaultKind.MemoryAlarm or FaultKind.DiskAlarm => "broker",

        // One node at a time: the loss of two would take the majority away.
        FaultKind.StopNode or FaultKind.KillNode or FaultKind.PartitionNode => "broker",
        FaultKind.KillStore or FaultKind.FreezeStore or FaultKind.SlowStore or FaultKind.FullStore => "store",
        FaultKind.KillApi or FaultKind.FreezeApi or FaultKind.DropReplies => $"api-{(Target % 2) + 1}",
        FaultKind.KillLifecycle or FaultKind.FreezeLifecycle or FaultKind.Redeliver => $"lifecycle-{(Target % 2) + 1}",
        _ => $"{(Target % 4 < 2 ? "api" : "lifecycle")}-{(Target % 2) + 1}",
    };

    public string Name => FormatKind(Kind);

    /// <summary>The name of a kind on the command line: <c>kill-api</c>.</summary>
    public static string FormatKind(FaultKind kind) => string.Concat(kind.ToString().Select((letter, index) =>
        char.IsUpper(letter) && index > 0 ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));

    /// <summary>
    /// Creates a random schedule. Each kind occurs once before any occurs again, and a fault begins some seconds after
    /// the beginning of the last one, whether that has ended or not. The schedule is the same for the same seed.
    /// </summary>
    public static IReadOnlyList<Fault> CreateRandomSchedule(int seed, TimeSpan duration, IReadOnlyList<FaultKind> kinds)
    {
        var random = new Random(seed);
        var (faults, freeTimes, round) = (new List<Fault>(), new Dictionary<string, double>(), new Queue<FaultKind>());
        var pace = Math.Min(10, duration.TotalSeconds / (kinds.Count + 1)); // in a short schedule, too, most kinds occur once
        for (var time = 4.0; time < duration.TotalSeconds; time += pace * (0.4 + (1.2 * random.NextDouble())))
        {
            var kind = round.TryDequeue(out var next) ? next : ShuffleNextRound();
            var seconds = 1 + (5 * random.NextDouble());
            var fault = new Fault(TimeSpan.FromSeconds(time), TimeSpan.FromSeconds(seconds), kind, random.Next(1_000));
            var start = Math.Max(time, freeTimes.GetValueOrDefault(fault.TargetName));
            freeTimes[fault.TargetName] = start + seconds + 4;
            faults.Add(fault with { StartOffset = TimeSpan.FromSeconds(start) });
        }

        FaultKind ShuffleNextRound()
        {
            var shuffled = kinds.ToArray();
            random.Shuffle(shuffled);
            Array.ForEach(shuffled, round.Enqueue);
            return round.Dequeue();
        }

        return [.. faults.Where(fault => fault.StartOffset < duration).OrderBy(fault => fault.StartOffset)];
    }

    /// <summary>Creates a schedule that repeats the kinds at an even interval.</summary>
    public static IReadOnlyList<Fault> CreateRepeatedSchedule(
        int count,
        TimeSpan first,
        TimeSpan interval,
        TimeSpan faultDuration,
        params FaultKind[] kinds) =>
        [
            .. Enumerable.Range(0, count).Select(index =>
                new Fault(first + (index * interval), faultDuration, kinds[index % kinds.Length], index / kinds.Length)),
        ];
}
