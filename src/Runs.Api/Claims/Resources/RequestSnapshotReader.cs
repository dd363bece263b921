using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Runs.Contracts;

namespace Runs.Api.Claims;

/// <summary>
/// Converts the input of an agent run, which is any object, to the form that published workers expect: the text
/// <c>content</c> of a message becomes a part, an object becomes a list of one, and a message without an id gets one.
/// Messages that are not objects and parts without a <c>type</c> are omitted.
/// </summary>
internal static class RequestSnapshotReader
{
    private static readonly RawJson EmptyArray = new("[]");

    /// <summary>Reads the snapshot; null for a run without input.</summary>
    public static RequestSnapshotResource? Read(RawJson? input, string? traceParent)
    {
        if (input is not { } json)
        {
            return null;
        }

        using var document = JsonDocument.Parse(json.Text, new JsonDocumentOptions { MaxDepth = FieldLimits.MaxJsonDepth });
        var root = document.RootElement;
        return new RequestSnapshotResource
        {
            Messages = ReadMessages(Get(root, "messages")),
            Tools = ReadList(Get(root, "tools")),
            Context = ReadList(Get(root, "context")),
            ForwardedProps = (Get(root, "forwarded_props") ?? Get(root, "forwardedProps")) is { ValueKind: JsonValueKind.Object } props
                ? RawJson.FromElement(props)
                : null,
            TraceContext = TraceContextResource.From(traceParent),
        };
    }

    private static List<RequestMessageResource> ReadMessages(JsonElement? messages) =>
        messages is { ValueKind: JsonValueKind.Array } array
            ? [.. array.EnumerateArray().Where(message => message.ValueKind == JsonValueKind.Object).Select(ReadMessage)]
            : [];

    private static RequestMessageResource ReadMessage(JsonElement message, int index) => new()
    {
        Id = GetText(message, "id") ?? string.Create(CultureInfo.InvariantCulture, $"message_{index}"),
        Role = GetText(message, "role") ?? "user",
        Parts = ReadParts(message),
        Metadata = Get(message, "metadata") is { ValueKind: JsonValueKind.Object } metadata ? RawJson.FromElement(metadata) : null,
        CreatedAt = GetText(message, "createdAt") ?? GetText(message, "created_at"),
    };

    private static List<RawJson> ReadParts(JsonElement message)
    {
        if ((Get(message, "parts") ?? Get(message, "content")) is { ValueKind: JsonValueKind.Array } parts)
        {
            return [.. parts.EnumerateArray().Where(part => GetText(part, "type") is not null).Select(RawJson.FromElement)];
        }

        return GetText(message, "content") is { } text
            ? [new RawJson(new JsonObject { ["type"] = "text", ["text"] = text }.ToJsonString())]
            : [];
    }

    private static RawJson ReadList(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.Array } array => RawJson.FromElement(array),
        { ValueKind: JsonValueKind.Object } item => new RawJson($"[{item.GetRawText()}]"),
        _ => EmptyArray,
    };

    private static string? GetText(JsonElement value, string name) =>
        Get(value, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static JsonElement? Get(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : null;
}
