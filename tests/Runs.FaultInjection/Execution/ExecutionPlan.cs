using System.Text.Json;
using System.Text.Json.Nodes;

namespace Runs.FaultInjection.Execution;

/// <summary>
/// What the attempts of a run do. It is part of the run's config, so whichever worker claims the run knows it. Attempts
/// after the last one of the plan complete the run.
/// </summary>
internal sealed record ExecutionPlan(IReadOnlyList<AttemptAct> Acts)
{
    /// <summary>A limit that the random plans reach only when faults cost attempts, too.</summary>
    public const int BackoffLimit = 4;

    private const int MaxActs = 4;

    public static ExecutionPlan CreateRandom(Random random) =>
        new([.. Enumerable.Range(0, random.Next(MaxActs)).Select(_ => CreateRandomAct(random))]);

    /// <summary>Reads the plan from the config of a claimed run. Without one, the run is completed.</summary>
    public static ExecutionPlan Read(JsonElement claimedRun) =>
        claimedRun.GetProperty("config") is { ValueKind: JsonValueKind.Object } config && config.TryGetProperty("acts", out var acts)
            ? new([.. acts.EnumerateArray().Select(act => Enum.Parse<AttemptAct>(act.GetString()!))])
            : new([]);

    public AttemptAct GetAct(int attempt) => attempt <= Acts.Count ? Acts[attempt - 1] : AttemptAct.Complete;

    public JsonObject ToConfig() => new() { ["acts"] = new JsonArray([.. Acts.Select(act => JsonValue.Create($"{act}"))]) };

    // A lost lease takes ten seconds and more, and a final failure ends the plan, so both are rarer than the others.
    private static AttemptAct CreateRandomAct(Random random) => random.Next(100) switch
    {
        < 25 => AttemptAct.Fail,
        < 30 => AttemptAct.Reject,
        < 45 => AttemptAct.Lose,
        < 65 => AttemptAct.Suspend,
        < 85 => AttemptAct.Hold,
        _ => AttemptAct.Release,
    };
}
