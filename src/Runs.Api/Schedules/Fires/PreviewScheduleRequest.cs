using System.ComponentModel.DataAnnotations;

namespace Runs.Api.Schedules;

/// <summary>An expression to try. Unknown members are ignored.</summary>
public sealed record PreviewScheduleRequest : RequestSchema
{
    /// <summary>A cron expression, as in a schedule.</summary>
    public required string Schedule { get; init; }

    /// <summary>The IANA name of a time zone. <c>UTC</c> when absent.</summary>
    public string? Timezone { get; init; }

    /// <summary>The time after which the fires are. Now when absent.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>The maximum number of fires. 10 when absent.</summary>
    [Range(1, FieldLimits.MaxFires)]
    public int? Count { get; init; }
}
