using System.Text.Json;

namespace Runs.Validation;

/// <summary>Validates input forms and the responses to them.</summary>
internal static class InputFormValidator
{
    /// <summary>Adds every error of the form at <paramref name="pointer"/>.</summary>
    public static void ValidateForm(InputForm form, string pointer, List<ValidationError> errors)
    {
        errors.AddIfInvalid(
            $"{pointer}/requested_responder_type",
            FieldRules.CheckRequired(form.RequestedResponderType)
                ?? FieldRules.CheckOneOf(form.RequestedResponderType, ResponderTypes.All));
        errors.AddIfInvalid(
            $"{pointer}/title",
            FieldRules.CheckRequired(form.Title) ?? FieldRules.CheckSingleLine(form.Title, FieldLimits.MaxFormTitleLength));
        errors.AddIfInvalid(
            $"{pointer}/description", FieldRules.CheckLength(form.Description, FieldLimits.MaxFormDescriptionLength));
        ValidateFields(form.Fields, $"{pointer}/fields", errors);
        if (form.Metadata is { } metadata)
        {
            using var parsed = JsonValidation.Parse(metadata, $"{pointer}/metadata", errors);
            errors.AddIfInvalid($"{pointer}/metadata", parsed?.RootElement switch
            {
                null or { ValueKind: JsonValueKind.Null } => null,
                { ValueKind: not JsonValueKind.Object } => "must be an object or null.",
                { } value => FieldRules.CheckSize(metadata, value, FieldLimits.MaxFormJsonBytes),
            });
        }
    }

    /// <summary>Adds every error of a response to a form.</summary>
    public static void ValidateResponse(
        ResumeRun response, InputResponder responder, JsonElement values, List<ValidationError> errors)
    {
        errors.AddIfInvalid(
            "/responder/actor_type",
            FieldRules.CheckRequired(responder.ActorType) ?? FieldRules.CheckOneOf(responder.ActorType, ResponderTypes.All));
        errors.AddIfInvalid("/responder/actor_id", FieldRules.CheckSingleLine(responder.ActorId, FieldLimits.MaxNameLength));
        errors.AddIfInvalid("/tool_call_id", response.ToolCallId is null ? "is required with a responder." : null);
        errors.AddIfInvalid("/result", response.IsError ? CheckNull(values) : CheckValues(values));
    }

    private static string? CheckNull(JsonElement values) =>
        values.ValueKind == JsonValueKind.Null ? null : "must be null when the input request is cancelled.";

    /// <summary>Checks that the values of a form are an object of strings, numbers, booleans and nulls.</summary>
    private static string? CheckValues(JsonElement values) => values.ValueKind switch
    {
        not JsonValueKind.Object => "must be an object.",
        _ when values.EnumerateObject().Any(value => value.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array) =>
            "must contain strings, numbers, booleans and nulls only.",
        _ => null,
    };

    private static void ValidateFields(RawJson fields, string pointer, List<ValidationError> errors)
    {
        using var parsed = JsonValidation.Parse(fields, pointer, errors);
        if (parsed?.RootElement is { } value)
        {
            errors.AddIfInvalid(
                pointer,
                value.ValueKind == JsonValueKind.Array && value.GetArrayLength() is >= 1 and <= FieldLimits.MaxFormFields
                    ? FieldRules.CheckSize(fields, value, FieldLimits.MaxFormJsonBytes)
                    : $"must be an array of 1-{FieldLimits.MaxFormFields} fields.");
        }
    }
}
