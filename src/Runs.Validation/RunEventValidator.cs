using System.Text.Json;

namespace Runs.Validation;

/// <summary>Validates the events that executors append to a run's log.</summary>
internal static class RunEventValidator
{
    /// <summary>
    /// The type of the private record of a model call, which has a higher size limit:
    /// <see cref="FieldLimits.MaxModelCallContextBytes"/>.
    /// </summary>
    public const string ModelCallContextType = "AGENT_RUN_MODEL_CALL_CONTEXT";

    // Clients compare these texts; of the first, a part. Their errors point to the whole message, so no member name
    // precedes the text.
    private static readonly string EventTooLargeDetail =
        $"Agent run event payload must be less than {FieldLimits.MaxEventBytes / ByteSize.KiB} KB";

    private static readonly string ModelCallContextTooLargeDetail =
        $"Agent run request snapshot payload must be less than {FieldLimits.MaxModelCallContextBytes / 1_000_000} MB";

    /// <summary>Returns the type of an event, or null after adding every error of the event.</summary>
    /// <param name="value">The event, which must be well-formed Unicode.</param>
    /// <param name="pointer">The JSON Pointer to the event.</param>
    /// <param name="errors">The list that errors are added to.</param>
    public static string? ReadType(JsonElement value, string pointer, ICollection<ValidationError> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        var fields = new JsonObjectReader(value, pointer, errors);
        if (fields.GetRequiredSingleLine("type", FieldLimits.MaxNameLength) is not { } type)
        {
            return null;
        }

        if (RunEventTypes.IsTerminal(type))
        {
            fields.AddError("type", "must not end the log: complete the run instead.");
            return null;
        }

        var (limit, detail) = type == ModelCallContextType
            ? (FieldLimits.MaxModelCallContextBytes, ModelCallContextTooLargeDetail)
            : (FieldLimits.MaxEventBytes, EventTooLargeDetail);
        if (FieldRules.ExceedsSize(RawJson.FromElement(value), value, limit - 1))
        {
            errors.Add(new ValidationError("", detail));
            return null;
        }

        ValidateTime(fields, value, "elapsedMs", $"must be a number, {FieldLimits.MinEventTime} or more.", IsElapsedTime);
        ValidateTime(fields, value, "emittedAt", $"must be a whole number, {FieldLimits.MinEventTime} or more.", IsEmissionTime);
        return type;
    }

    /// <summary>Adds every error of an event that begins a log.</summary>
    internal static void ValidateStart(JsonElement value, string pointer, List<ValidationError> errors)
    {
        if (ReadType(value, pointer, errors) is { } type)
        {
            errors.AddIfInvalid($"{pointer}/type", type == RunEventTypes.RunStarted ? null : $"must be {RunEventTypes.RunStarted}.");
        }
    }

    private static bool IsElapsedTime(JsonElement time) => time.TryGetDouble(out var number) && number >= FieldLimits.MinEventTime;

    private static bool IsEmissionTime(JsonElement time) => time.TryGetInt64(out var number) && number >= FieldLimits.MinEventTime;

    private static void ValidateTime(
        JsonObjectReader fields, JsonElement value, string name, string detail, Func<JsonElement, bool> isValid)
    {
        if (value.TryGetProperty(name, out var time) && !(time.ValueKind == JsonValueKind.Number && isValid(time)))
        {
            fields.AddError(name, detail);
        }
    }
}
