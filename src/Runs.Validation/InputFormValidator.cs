using System.Text.Json;

namespace Runs.Validation;

/// <summary>Validates input forms and the responses to them.</summary>
internal static class InputFormValidator
{
    private const int MaxTitleLength = 1000;
    private const int MaxDescriptionLength = 20_000;
    private const int MaxFields = 100;
    private const int MaxJsonBytes = 64 * 1024;

    /// <summary>Adds every error of the form at <paramref name="pointer"/>.</summary>
    public static void Validate(InputForm form, string pointer, List<ValidationError> errors)
    {
        errors.AddIfInvalid($"{pointer}/requested_responder_type",
            form.RequestedResponderType is null ? "is required." : FieldRules.CheckOneOf(form.RequestedResponderType, ResponderTypes.All));
        errors.AddIfInvalid($"{pointer}/title", form.Title is null ? "is required." : FieldRules.CheckSingleLine(form.Title, MaxTitleLength));
        errors.AddIfInvalid($"{pointer}/description", form.Description?.Length > MaxDescriptionLength ? $"must not be longer than {MaxDescriptionLength} characters." : null);
        ValidateFields(form.Fields, $"{pointer}/fields", errors);
        if (form.Metadata is { } metadata)
        {
            using var read = JsonValidation.Parse(metadata, $"{pointer}/metadata", errors);
            errors.AddIfInvalid($"{pointer}/metadata", read?.RootElement switch
            {
                null or { ValueKind: JsonValueKind.Null } => null,
                { ValueKind: not JsonValueKind.Object } => "must be an object or null.",
                { } value => CheckSize(metadata, value),
            });
        }
    }

    /// <summary>Adds every error of a response to a form.</summary>
    public static void Validate(ResumeRun response, InputResponder responder, JsonElement values, List<ValidationError> errors)
    {
        errors.AddIfInvalid("/responder/actor_type", responder.ActorType is null ? "is required." : FieldRules.CheckOneOf(responder.ActorType, ResponderTypes.All));
        errors.AddIfInvalid("/responder/actor_id", FieldRules.CheckSingleLine(responder.ActorId, FieldRules.MaxNameLength));
        errors.AddIfInvalid("/tool_call_id", response.ToolCallId is null ? "is required with a responder." : null);
        errors.AddIfInvalid("/result", response.IsError
            ? values.ValueKind == JsonValueKind.Null ? null : "must be null when the input request is called off."
            : CheckValues(values));
    }

    /// <summary>Checks that the values of a form are an object of strings, numbers, booleans and nulls.</summary>
    private static string? CheckValues(JsonElement values) =>
        values.ValueKind != JsonValueKind.Object ? "must be an object."
        : values.EnumerateObject().Any(value => value.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            ? "must hold texts, numbers, booleans and nulls only."
            : null;

    private static void ValidateFields(RawJson fields, string pointer, List<ValidationError> errors)
    {
        using var read = JsonValidation.Parse(fields, pointer, errors);
        if (read?.RootElement is not { } value)
        {
            return;
        }

        errors.AddIfInvalid(pointer, value.ValueKind == JsonValueKind.Array && value.GetArrayLength() is >= 1 and <= MaxFields
            ? CheckSize(fields, value)
            : $"must be an array of 1-{MaxFields} fields.");
    }

    private static string? CheckSize(RawJson text, JsonElement value) =>
        FieldRules.ExceedsSize(text, value, MaxJsonBytes) ? "must not be larger than 64 KB without white space, or 1 MB with it." : null;
}
