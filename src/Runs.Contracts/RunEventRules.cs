using System.Text.Json;

namespace Runs.Contracts;

/// <summary>What the events that executors append to a run's log must be.</summary>
public static class RunEventRules
{
    /// <summary>The most events of one append.</summary>
    public const int MaxEvents = 100;

    /// <summary>A public event has fewer bytes than this without white space, and fewer than 16 times as many with it.</summary>
    public const int MaxEventBytes = 256 * 1024;

    /// <summary>The private record of a call of a model, which may be larger than 256 KiB, but has less than 2 MB without white space.</summary>
    public const string ModelCallContext = "AGENT_RUN_MODEL_CALL_CONTEXT";

    // Clients compare these texts, the first by a part of it. They stand for the whole message, so that nothing is put before them.
    private const string TooLarge = "Agent run event payload must be less than 256 KB";
    private const string SnapshotTooLarge = "Agent run request snapshot payload must be less than 2 MB";

    private const int MaxSnapshotBytes = 2_000_000;

    /// <summary>The type of an event, or null and everything that is wrong with it.</summary>
    /// <param name="value">The event, whose text is well formed.</param>
    /// <param name="pointer">Where it stands.</param>
    /// <param name="errors">Where complaints go.</param>
    public static string? Read(JsonElement value, string pointer, ICollection<InvalidMember> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        var fields = new JsonFields(value, pointer, errors);
        if (fields.RequiredLine("type", Limits.Name) is not { } type)
        {
            return null;
        }

        if (RunEventTypes.IsTerminal(type))
        {
            fields.Complain("type", "must not end the log: complete the run instead.");
            return null;
        }

        var max = type == ModelCallContext ? MaxSnapshotBytes : MaxEventBytes;
        if (Limits.IsLarger(RawJson.From(value), value, max - 1))
        {
            errors.Add(new InvalidMember("", type == ModelCallContext ? SnapshotTooLarge : TooLarge));
            return null;
        }

        CheckTime(fields, value, "elapsedMs", "must be a number, 0 or more.", time => time.TryGetDouble(out var number) && number >= 0);
        CheckTime(fields, value, "emittedAt", "must be a whole number, 0 or more.", time => time.TryGetInt64(out var number) && number >= 0);
        return type;
    }

    /// <summary>Notes everything that is wrong with an event that begins a log.</summary>
    internal static void CheckStart(JsonElement value, string pointer, List<InvalidMember> errors)
    {
        if (Read(value, pointer, errors) is { } type)
        {
            errors.Check($"{pointer}/type", type == RunEventTypes.RunStarted ? null : "must be RUN_STARTED.");
        }
    }

    private static void CheckTime(JsonFields fields, JsonElement value, string name, string wrong, Func<JsonElement, bool> isRight)
    {
        if (value.TryGetProperty(name, out var time) && !(time.ValueKind == JsonValueKind.Number && isRight(time)))
        {
            fields.Complain(name, wrong);
        }
    }
}
