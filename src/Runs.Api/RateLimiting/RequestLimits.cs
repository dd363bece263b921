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
internal sealed class RequestLimits(IOptions<ApiOptions> options) : IDisposable
{
    /// <summary>The bytes of one permit of <see cref="BodyMemory"/> or <see cref="ResponseMemory"/>.</summary>
    public const int BytesPerPermit = 1024;

    private const int MiB = 1024 * 1024;
    private const int LargeResponseBytes = MiB / 4;
    private const int MaxChargedBytes = 48 * MiB;

    /// <summary>Limits commands that wait for the saga's reply.</summary>
    public TenantConcurrencyLimiter Commands { get; } = new(options.Value.MaxConcurrentCommands, options.Value.TenantShare);

    /// <summary>Limits appends.</summary>
    public TenantConcurrencyLimiter Appends { get; } = new(options.Value.MaxConcurrentCommands, options.Value.TenantShare);

    /// <summary>Limits store reads, until the response is created.</summary>
    public TenantConcurrencyLimiter Reads { get; } = new(options.Value.MaxConcurrentReads, options.Value.TenantShare);

    /// <summary>
    /// Limits store reads of streams and long polls. They have separate permits and a queue, because one change of a
    /// run wakes many subscribers, and browsers do not reconnect to a stream that is rejected.
    /// </summary>
    public TenantConcurrencyLimiter SubscriberReads { get; } = new(
        options.Value.MaxConcurrentReads, options.Value.TenantShare, queueLimit: options.Value.MaxConcurrentStreams);

    /// <summary>Limits log snapshots, each of which reads megabytes.</summary>
    public TenantConcurrencyLimiter Snapshots { get; } = new(options.Value.MaxConcurrentSnapshots, options.Value.TenantShare);

    /// <summary>Limits streams and long polls.</summary>
    public TenantConcurrencyLimiter Streams { get; } = new(options.Value.MaxConcurrentStreams, options.Value.TenantShare);

    /// <summary>
    /// Limits the bytes of bodies, from arrival until the request ends. One body of the maximum size always fits into a
    /// tenant's share.
    /// </summary>
    public TenantConcurrencyLimiter BodyMemory { get; } = new(
        options.Value.MaxBodyMemoryMegabytes * (MiB / BytesPerPermit),
        options.Value.TenantShare,
        minTenantPermits: (ApiOptions.MaxBodyBytes + MiB) / BytesPerPermit);

    /// <summary>
    /// Limits the bytes of large responses, from the store read until the client has received them. One page of the
    /// maximum size always fits into a tenant's share.
    /// </summary>
    public TenantConcurrencyLimiter ResponseMemory { get; } = new(
        options.Value.MaxResponseMemoryMegabytes * (MiB / BytesPerPermit),
        options.Value.TenantShare,
        minTenantPermits: MaxChargedBytes / BytesPerPermit);

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

    /// <summary>Reads the store under a permit of <see cref="SubscriberReads"/>, for which it queues.</summary>
    /// <inheritdoc cref="Read{T}"/>
    public async Task<Result<T>> ReadForSubscriber<T>(
        string tenant, Func<Task<T?>> read, Func<ProblemHttpResult> notFound, CancellationToken cancellationToken)
        where T : class
    {
        using var permit = await SubscriberReads.AcquireQueued(tenant, cancellationToken);
        return await ReadUnder(permit, read, notFound);
    }

    /// <summary>
    /// Charges a large response to the tenant until its client has received it or disconnects: a client that reads
    /// slowly keeps the response in memory. Small responses are not charged.
    /// </summary>
    /// <returns>The problem to respond with instead, or null.</returns>
    public ProblemHttpResult? ChargeResponse(HttpContext http, string tenant, long characters)
    {
        var permits = (int)Math.Min(characters * sizeof(char) / BytesPerPermit, MaxChargedBytes / BytesPerPermit);
        if (permits < LargeResponseBytes / BytesPerPermit)
        {
            return null;
        }

        var lease = ResponseMemory.Acquire(tenant, permits);
        http.Response.RegisterForDispose(lease);
        return lease.ToProblem("large responses in memory");
    }

    /// <summary>
    /// Charges the response that shows a run, as <see cref="ChargeResponse(HttpContext, string, long)"/> does.
    /// </summary>
    public ProblemHttpResult? ChargeResponse(HttpContext http, string tenant, Run run) => ChargeResponse(
        http, tenant,
        run.Request.Text.Length + CountCharacters(run.Input) + CountCharacters(run.Config) + CountCharacters(run.Output)
        + CountCharacters(run.Artifacts) + CountCharacters(run.Metadata) + (run.Logs?.Length ?? 0));

    /// <summary>
    /// The problem to respond with when the tenant has no memory left for another large response; otherwise null.
    /// </summary>
    public ProblemHttpResult? CheckResponseMemory(string tenant)
    {
        using var lease = ResponseMemory.Acquire(tenant, LargeResponseBytes / BytesPerPermit);
        return lease.ToProblem("large responses in memory");
    }

    /// <summary>
    /// Charges the response of an executed command, which can no longer be rejected. When it does not fit, half of it
    /// is charged, or a quarter, and so on.
    /// </summary>
    public void ChargeAvailable(HttpContext http, string tenant, RunResource run)
    {
        var characters = CountCharacters(run.Metadata) + CountCharacters(run.Input) + CountCharacters(run.Config)
            + CountCharacters(run.Output) + CountCharacters(run.Artifacts) + (run.Logs?.Length ?? 0);
        while (characters > 0 && ChargeResponse(http, tenant, characters) is not null)
        {
            characters /= 2;
        }
    }

    public void Dispose()
    {
        TenantConcurrencyLimiter[] limiters =
            [Commands, Appends, Reads, SubscriberReads, Snapshots, Streams, BodyMemory, ResponseMemory];
        foreach (var limiter in limiters)
        {
            limiter.Dispose();
        }
    }

    /// <summary>The problem to respond with when the permit of a read was not acquired; otherwise null.</summary>
    public static ProblemHttpResult? ToReadProblem(TenantLease permit) => permit.ToProblem("concurrent reads");

    private static async Task<Result<T>> ReadUnder<T>(TenantLease permit, Func<Task<T?>> read, Func<ProblemHttpResult> notFound)
        where T : class =>
        ToReadProblem(permit) is { } problem ? problem
        : await read() is { } value ? value
        : notFound();

    private static long CountCharacters(RawJson? json) => json?.Text.Length ?? 0;
}
