using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.RateLimiting;

/// <summary>
/// The concurrency limits of this process, by kind of work, each with a share for every tenant. Permits cover the work
/// of the broker and the store only: they are acquired after the body of the request has arrived, so a client that
/// sends slowly holds none. The rate limiting middleware of ASP.NET Core would hold them for the whole request; it is
/// used for the rates (<see cref="RequestRateLimiter"/>).
/// </summary>
internal sealed class RequestLimits : IDisposable
{
    /// <summary>The bytes of one permit of <see cref="BodyMemory"/> or <see cref="ResponseMemory"/>.</summary>
    public const int BytesPerPermit = 1024;

    // As many as the saga decides at a time with a good answer time, so that claims do not crowd out creates.
    private const int MaxConcurrentClaims = 64;

    private const int LargeResponseBytes = ByteSize.MiB / 4;
    private const int MaxChargedBytes = 48 * ByteSize.MiB;
    private const string ResponseMemoryName = "response_memory";

    private readonly ApiMetrics _metrics;

    public RequestLimits(IOptions<ApiOptions> options, ApiMetrics metrics)
    {
        var limits = options.Value;
        _metrics = metrics;
        Commands = Create("command", limits.MaxConcurrentCommands);
        Appends = Create("append", limits.MaxConcurrentCommands);
        Claims = Create("claim", MaxConcurrentClaims, queueLimit: limits.MaxConcurrentStreams);
        Reads = Create("read", limits.MaxConcurrentReads);
        QueuedReads = Create("queued_read", limits.MaxConcurrentReads, queueLimit: limits.MaxConcurrentStreams);
        Snapshots = Create("snapshot", limits.MaxConcurrentSnapshots);
        Streams = Create("subscriber", limits.MaxConcurrentStreams);
        BodyMemory = Create(
            "body_memory",
            limits.MaxBodyMemoryMegabytes * (ByteSize.MiB / BytesPerPermit),
            minTenantPermits: (ApiOptions.MaxBodyBytes + ByteSize.MiB) / BytesPerPermit);
        ResponseMemory = new TenantConcurrencyLimiter(
            ResponseMemoryName,
            limits.MaxResponseMemoryMegabytes * (ByteSize.MiB / BytesPerPermit),
            limits.TenantShare,
            minTenantPermits: MaxChargedBytes / BytesPerPermit);
        metrics.ObservePermits([Commands, Appends, Claims, Reads, QueuedReads, Snapshots, Streams]);

        TenantConcurrencyLimiter Create(string name, int permits, int minTenantPermits = 1, int queueLimit = 0) =>
            new(name, permits, limits.TenantShare, minTenantPermits, queueLimit, metrics.RecordRejection);
    }

    /// <summary>Limits commands that wait for the saga's reply.</summary>
    public TenantConcurrencyLimiter Commands { get; }

    /// <summary>Limits appends.</summary>
    public TenantConcurrencyLimiter Appends { get; }

    /// <summary>Limits claims that wait for the saga's reply. Further ones queue.</summary>
    public TenantConcurrencyLimiter Claims { get; }

    /// <summary>Limits store reads, until the response is created.</summary>
    public TenantConcurrencyLimiter Reads { get; }

    /// <summary>
    /// Limits store reads that queue instead of being rejected: those of streams, long polls and workers. One change of
    /// a run wakes many subscribers, browsers do not reconnect to a stream that is rejected, and all workers of a
    /// tenant may call at the same moment.
    /// </summary>
    public TenantConcurrencyLimiter QueuedReads { get; }

    /// <summary>Limits log snapshots, each of which reads megabytes.</summary>
    public TenantConcurrencyLimiter Snapshots { get; }

    /// <summary>Limits streams and long polls.</summary>
    public TenantConcurrencyLimiter Streams { get; }

    /// <summary>
    /// Limits the bytes of bodies, from arrival until the request ends. One body of the maximum size always fits into a
    /// tenant's share.
    /// </summary>
    public TenantConcurrencyLimiter BodyMemory { get; }

    /// <summary>
    /// Limits the bytes of large responses, from the store read until the client has received them. One page of the
    /// maximum size always fits into a tenant's share.
    /// </summary>
    public TenantConcurrencyLimiter ResponseMemory { get; }

    /// <summary>Reads the store under a permit of <see cref="Reads"/>.</summary>
    /// <param name="tenant">The caller's tenant.</param>
    /// <param name="read">Reads a value, or null when it does not exist.</param>
    /// <param name="notFound">The problem when the value does not exist.</param>
    public async Task<Result<T>> Read<T>(string tenant, Func<Task<T?>> read, Func<ProblemHttpResult> notFound)
        where T : class
    {
        using var permit = Reads.Acquire(tenant);
        return await ReadUnder(permit, read, notFound);
    }

    /// <summary>Reads the store under a permit of <see cref="QueuedReads"/>, for which it queues.</summary>
    /// <inheritdoc cref="Read{T}"/>
    public async Task<Result<T>> ReadQueued<T>(
        string tenant, Func<Task<T?>> read, Func<ProblemHttpResult> notFound, CancellationToken cancellationToken)
        where T : class
    {
        using var permit = await QueuedReads.AcquireQueued(tenant, cancellationToken);
        return await ReadUnder(permit, read, notFound);
    }

    /// <summary>
    /// Charges a large response to the tenant until its client has received it or disconnects: a client that reads
    /// slowly keeps the response in memory. Small responses are not charged.
    /// </summary>
    /// <returns>The problem to respond with instead, or null.</returns>
    public ProblemHttpResult? ChargeResponse(HttpContext http, string tenant, long characters) =>
        ToResponseProblem(Charge(http, tenant, characters));

    /// <summary>
    /// Charges the response that shows a run, as <see cref="ChargeResponse(HttpContext, string, long)"/> does.
    /// </summary>
    public ProblemHttpResult? ChargeResponse(HttpContext http, string tenant, Run run) =>
        ChargeResponse(http, tenant, RunSize.CountPayloadCharacters(run));

    /// <summary>
    /// The problem to respond with when the tenant has no memory left for another large response; otherwise null.
    /// </summary>
    public ProblemHttpResult? CheckResponseMemory(string tenant)
    {
        using var lease = ResponseMemory.Acquire(tenant, LargeResponseBytes / BytesPerPermit);
        return ToResponseProblem(lease.LimitedBy);
    }

    /// <summary>
    /// Charges the response of an executed command, which can no longer be rejected. When it does not fit, half of it
    /// is charged, or a quarter, and so on.
    /// </summary>
    public void ChargeAvailable(HttpContext http, string tenant, RunResource run)
    {
        var characters = RunSize.CountPayloadCharacters(run);
        while (characters > 0 && Charge(http, tenant, characters) != LimitedBy.None)
        {
            characters /= 2;
        }
    }

    public void Dispose()
    {
        TenantConcurrencyLimiter[] limiters =
            [Commands, Appends, Claims, Reads, QueuedReads, Snapshots, Streams, BodyMemory, ResponseMemory];
        foreach (var limiter in limiters)
        {
            limiter.Dispose();
        }
    }

    /// <summary>The problem to respond with when the permit of a read was not acquired; otherwise null.</summary>
    public static ProblemHttpResult? ToReadProblem(TenantLease permit) => permit.ToProblem("concurrent reads");

    private LimitedBy Charge(HttpContext http, string tenant, long characters)
    {
        var permits = (int)Math.Min(characters * sizeof(char) / BytesPerPermit, MaxChargedBytes / BytesPerPermit);
        if (permits < LargeResponseBytes / BytesPerPermit)
        {
            return LimitedBy.None;
        }

        var lease = ResponseMemory.Acquire(tenant, permits);
        http.Response.RegisterForDispose(lease);
        return lease.LimitedBy;
    }

    private ProblemHttpResult? ToResponseProblem(LimitedBy limit)
    {
        if (limit != LimitedBy.None)
        {
            _metrics.RecordRejection(ResponseMemoryName, limit);
        }

        return limit.ToProblem("large responses in memory");
    }

    private static async Task<Result<T>> ReadUnder<T>(TenantLease permit, Func<Task<T?>> read, Func<ProblemHttpResult> notFound)
        where T : class =>
        ToReadProblem(permit) is { } problem ? problem
        : await read() is { } value ? value
        : notFound();
}
