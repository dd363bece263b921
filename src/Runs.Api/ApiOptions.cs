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

    /// <summary>Commands that one process carries out at a time, and as many appends. More are rejected with 503 and <c>Retry-After</c>.</summary>
    [Range(1, 100_000)]
    public int MaxConcurrentCommands { get; init; } = 512;

    /// <summary>
    /// Reads of the store that one process has under way; more are rejected with 503 and <c>Retry-After</c>. As many again may be under way for streams and long polls, and more
    /// of these queue. Not counted: the read after a command, and those of a run that is followed, one at a time for each run.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxConcurrentReads { get; init; } = 128;

    /// <summary>Streams and long polls that one process has open at a time. More are rejected with 503 and <c>Retry-After</c>.</summary>
    [Range(1, 1_000_000)]
    public int MaxConcurrentStreams { get; init; } = 10_000;

    /// <summary>Snapshots of logs that one process makes at a time. More are rejected with 503 and <c>Retry-After</c>.</summary>
    [Range(1, 1_000)]
    public int MaxConcurrentSnapshots { get; init; } = 8;

    /// <summary>
    /// The part of every limit of the process that one tenant may use, also while it is the only one. What is beyond is rejected with 429. With 1 one tenant can use up the
    /// whole process.
    /// </summary>
    [Range(0.001, 1)]
    public double TenantShare { get; init; } = 0.5;

    /// <summary>Creates that one process takes from one tenant in a second; more are rejected with 429. 0 switches the limit off.</summary>
    [Range(0, 1_000_000)]
    public int CreatesPerSecond { get; init; } = 10_000;

    /// <summary>Commands but creates that one process takes from one tenant in a second; more are rejected with 429. 0 switches the limit off.</summary>
    [Range(0, 1_000_000)]
    public int CommandsPerSecond { get; init; } = 10_000;

    /// <summary>Appends that one process takes from one tenant in a second; more are rejected with 429. 0 switches the limit off.</summary>
    [Range(0, 1_000_000)]
    public int AppendsPerSecond { get; init; } = 10_000;

    /// <summary>
    /// Reads that one process takes from one tenant in a second, streams that are opened among them; more are rejected with 429. A snapshot counts once for each 500 events
    /// that it reads, and waits for its turn for up to ten seconds. 0 switches the limit off.
    /// </summary>
    [Range(0, 1_000_000)]
    public int ReadsPerSecond { get; init; } = 20_000;

    /// <summary>How long a body may take to arrive. A sender that is slower is answered 408, and its connection is closed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How slowly a body may arrive, on average after its first five seconds, before its connection is closed.</summary>
    [Range(0, int.MaxValue)]
    public int MinBodyBytesPerSecond { get; init; } = 1_000;

    /// <summary>What the bodies of all requests may hold in memory, as they were sent. More are rejected with 503 and <c>Retry-After</c>.</summary>
    [Range(16, 1_000_000)]
    public int MaxBodyMemoryMegabytes { get; init; } = 128;

    /// <summary>What large answers may hold in memory until their clients have received them. More are rejected with 503 and <c>Retry-After</c>.</summary>
    [Range(48, 1_000_000)]
    public int MaxResponseMemoryMegabytes { get; init; } = 256;

    /// <summary>Connections that one process has open at a time, each with a stream or request. More are closed at once. 0 switches the limit off.</summary>
    [Range(0, 10_000_000)]
    public int MaxConcurrentConnections { get; init; } = 20_000;

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
