using System.ComponentModel.DataAnnotations;

namespace Runs.Api;

/// <summary>Settings of the api role, section <c>Api</c>.</summary>
internal sealed class ApiOptions
{
    public const string Section = "Api";

    /// <summary>The largest body that is read: 10 MiB. Larger ones are answered 413.</summary>
    public const int MaxBodyBytes = 10 * 1024 * 1024;

    /// <summary>How long a call waits for the saga's answer before it is told that the outcome is unknown. Clients give up after 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Commands that one process has under way at a time, and as many appends. More are answered 503 with <c>Retry-After</c>.</summary>
    [Range(1, 100_000)]
    public int InFlightLimit { get; init; } = 256;

    /// <summary>Streams and long polls that one process has open at a time. More are answered 503 with <c>Retry-After</c>.</summary>
    [Range(1, 1_000_000)]
    public int FollowerLimit { get; init; } = 10_000;

    /// <summary>How often followed runs are looked at without any notice, and so how late a change may be seen when its notice was lost.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan CatchUpInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a stream may be silent before it says that it is still there. Proxies cut what is silent for a minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan StreamHeartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether the API describes itself: <c>/docs</c>, <c>/openapi.json</c>, <c>/asyncapi.yaml</c> and <c>/schemas</c>, to anybody.</summary>
    public bool Descriptions { get; init; } = true;

    /// <summary>The slugs by which projects may be named in a path, each with the project's id.</summary>
    public Dictionary<string, Guid> Projects { get; init; } = [];
}
