using System.Text.Json.Serialization;

namespace Runs.Client.Http;

/// <summary>The body of a preview of a cron expression.</summary>
internal sealed record PreviewBody(
    [property: JsonPropertyName("schedule")] string Expression,
    [property: JsonPropertyName("timezone")] string TimeZone,
    DateTimeOffset? After,
    int Count);
