using System.Text.Json;

namespace Runs.Contracts;

/// <summary>What forms and the answers to them must be.</summary>
internal static class InputFormRules
{
    private const int MaxTitle = 1000;
    private const int MaxDescription = 20_000;
    private const int MaxFields = 100;
    private const int MaxJsonBytes = 64 * 1024;

    /// <summary>Notes everything that is wrong with the form at <paramref name="pointer"/>.</summary>
    public static void Check(InputForm form, string pointer, List<InvalidMember> errors)
    {
        errors.Check($"{pointer}/requested_responder_type",
            form.RequestedResponderType is null ? "is required." : Limits.Member(form.RequestedResponderType, ResponderTypes.All));
        errors.Check($"{pointer}/title", form.Title is null ? "is required." : Limits.Line(form.Title, MaxTitle));
        errors.Check($"{pointer}/description", form.Description?.Length > MaxDescription ? $"must not be longer than {MaxDescription} characters." : null);
        CheckFields(form.Fields, $"{pointer}/fields", errors);
        if (form.Metadata is { } metadata)
        {
            using var read = MessageJson.Read(metadata, $"{pointer}/metadata", errors);
            errors.Check($"{pointer}/metadata", read?.RootElement switch
            {
                null or { ValueKind: JsonValueKind.Null } => null,
                { ValueKind: not JsonValueKind.Object } => "must be an object or null.",
                { } value => WrongSize(metadata, value),
            });
        }
    }

    /// <summary>Notes everything that is wrong with an answer to a form.</summary>
    public static void Check(ResumeRun answer, InputResponder responder, JsonElement values, List<InvalidMember> errors)
    {
        errors.Check("/responder/actor_type", responder.ActorType is null ? "is required." : Limits.Member(responder.ActorType, ResponderTypes.All));
        errors.Check("/responder/actor_id", Limits.Line(responder.ActorId, Limits.Name));
        errors.Check("/tool_call_id", answer.ToolCallId is null ? "is required with a responder." : null);
        errors.Check("/result", answer.IsError
            ? values.ValueKind == JsonValueKind.Null ? null : "must be null when the input request is called off."
            : WrongValues(values));
    }

    /// <summary>What is wrong with the values of a form, or null: an object of texts, numbers, booleans and nulls.</summary>
    private static string? WrongValues(JsonElement values) =>
        values.ValueKind != JsonValueKind.Object ? "must be an object."
        : values.EnumerateObject().Any(value => value.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            ? "must hold texts, numbers, booleans and nulls only."
            : null;

    private static void CheckFields(RawJson fields, string pointer, List<InvalidMember> errors)
    {
        using var read = MessageJson.Read(fields, pointer, errors);
        if (read?.RootElement is not { } value)
        {
            return;
        }

        errors.Check(pointer, value.ValueKind == JsonValueKind.Array && value.GetArrayLength() is >= 1 and <= MaxFields
            ? WrongSize(fields, value)
            : $"must be an array of 1-{MaxFields} fields.");
    }

    private static string? WrongSize(RawJson text, JsonElement value) =>
        Limits.IsLarger(text, value, MaxJsonBytes) ? "must not be larger than 64 KB without white space, or 1 MB with it." : null;
}
