using System.ComponentModel.DataAnnotations;

namespace Runs.Api;

/// <summary>Settings of the api role, section <c>Api</c>.</summary>
internal sealed class ApiOptions
{
    public const string Section = "Api";

    /// <summary>The maximum size of a request body. A larger one gets 413.</summary>
    public const int MaxBodyBytes = 10 * ByteSize.MiB;

    /// <summary>
    /// How long a request waits for the saga's reply before it gets 504, outcome unknown. Clients time out after 15 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The maximum number of concurrent commands of one process, and of concurrent appends. More are rejected with 503
    /// and <c>Retry-After</c>.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxConcurrentCommands { get; init; } = 512;

    /// <summary>
    /// The maximum number of concurrent store reads of one process. More are rejected with 503 and <c>Retry-After</c>.
    /// Streams and long polls have a separate limit of the same size, and queue above it. Not counted: the read after a
    /// command, and the reads that refresh a subscription, one at a time for each run.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxConcurrentReads { get; init; } = 128;

    /// <summary>
    /// The maximum number of open streams and long polls of one process. More are rejected with 503 and
    /// <c>Retry-After</c>.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxConcurrentStreams { get; init; } = 10_000;

    /// <summary>
    /// The maximum number of log snapshots that one process builds at a time. More are rejected with 503 and
    /// <c>Retry-After</c>.
    /// </summary>
    [Range(1, 1_000)]
    public int MaxConcurrentSnapshots { get; init; } = 8;

    /// <summary>
    /// The fraction of every process limit that one tenant may use, even when no other tenant is active. Requests above
    /// it are rejected with 429. With 1, one tenant can use the whole process.
    /// </summary>
    [Range(0.001, 1)]
    public double TenantShare { get; init; } = 0.5;

    /// <summary>
    /// Creates per second and tenant that one process accepts. More are rejected with 429. 0 disables the limit.
    /// </summary>
    [Range(0, 1_000_000)]
    public int CreatesPerSecond { get; init; } = 10_000;

    /// <summary>
    /// Commands other than creates per second and tenant that one process accepts. More are rejected with 429. 0
    /// disables the limit.
    /// </summary>
    [Range(0, 1_000_000)]
    public int CommandsPerSecond { get; init; } = 10_000;

    /// <summary>
    /// Appends per second and tenant that one process accepts. More are rejected with 429. 0 disables the limit.
    /// </summary>
    [Range(0, 1_000_000)]
    public int AppendsPerSecond { get; init; } = 10_000;

    /// <summary>
    /// Reads per second and tenant that one process accepts, including opened streams. More are rejected with 429. A
    /// snapshot counts once for each 500 events that it reads, and waits for tokens for up to ten seconds. 0 disables
    /// the limit.
    /// </summary>
    [Range(0, 1_000_000)]
    public int ReadsPerSecond { get; init; } = 20_000;

    /// <summary>
    /// The maximum number of schedules of a tenant, also those that are paused or completed. Creates above it are
    /// rejected with 409. Concurrent creates may exceed it by a few.
    /// </summary>
    [Range(0, 1_000_000)]
    public int MaxSchedulesPerTenant { get; init; } = 10_000;

    /// <summary>How long a body may take to arrive. A slower client gets 408, and its connection is closed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The minimum average rate of a body after its first five seconds. The connection of a slower client is closed.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int MinBodyBytesPerSecond { get; init; } = 1_000;

    /// <summary>
    /// The memory for the bodies of all requests, as sent by the clients. Requests above it are rejected with 503 and
    /// <c>Retry-After</c>.
    /// </summary>
    [Range(16, 1_000_000)]
    public int MaxBodyMemoryMegabytes { get; init; } = 128;

    /// <summary>
    /// The memory for large responses until their clients have received them. Requests above it are rejected with 503
    /// and <c>Retry-After</c>.
    /// </summary>
    [Range(48, 1_000_000)]
    public int MaxResponseMemoryMegabytes { get; init; } = 256;

    /// <summary>
    /// The maximum number of open connections of one process, each with a stream or request. More are closed
    /// immediately. 0 disables the limit.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxConcurrentConnections { get; init; } = 20_000;

    /// <summary>
    /// How often the versions of subscribed runs are polled. This bounds the delay of a change whose notification was
    /// lost.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan ChangePollingInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a stream may be idle before it sends a heartbeat. Proxies close connections that are idle for a minute.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan StreamHeartbeatInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Whether the API serves its descriptions: <c>/docs</c>, <c>/openapi.json</c>, <c>/asyncapi.yaml</c> and
    /// <c>/schemas</c>, without authentication.
    /// </summary>
    public bool ServeDescriptions { get; init; } = true;

    /// <summary>The project slugs that a path may contain, each with the project's id.</summary>
    public Dictionary<string, Guid> ProjectSlugs { get; init; } = [];
}
