using System.Text.Json;
using System.Text.Json.Serialization;

namespace Runs.Client;

/// <summary>
/// Reads both forms of a <see cref="ScheduleResponse"/>. The member of a schedule itself is its expression.
/// </summary>
internal sealed class ScheduleResponseConverter : JsonConverter<ScheduleResponse>
{
    public override ScheduleResponse Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        var schedule = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("schedule", out var member)
            && member.ValueKind == JsonValueKind.Object ? member : root;
        return new ScheduleResponse(schedule.Deserialize<Schedule>(options) ?? throw new JsonException("The schedule is null."));
    }

    public override void Write(Utf8JsonWriter writer, ScheduleResponse value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value.Schedule, options);
}
