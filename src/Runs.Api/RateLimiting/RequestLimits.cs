using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.RateLimiting;

/// <summary>
/// What this process does at a time, by kind of work, each with a share for every tenant. Permits cover the work of the broker and the store only: they are taken when the
/// body of the request has arrived, so a client that sends slowly holds none. The rate limiting middleware of ASP.NET Core would hold them for the whole request; it does
/// the rates (<see cref="RequestRates"/>).
/// </summary>
internal sealed class RequestLimits(IOptions<ApiOptions> options) : IDisposable
{
    /// <summary>What a permit of <see cref="BodyMemory"/> or <see cref="ResponseMemory"/> stands for.</summary>
    public const int BytesPerPermit = 1024;

    private const int MiB = 1024 * 1024;
    private const int LargeResponse = MiB / 4;
    private const int LargestResponse = 48 * MiB;

    /// <summary>For commands that wait for the saga.</summary>
    public TenantLimiter Commands { get; } = new(options.Value.MaxConcurrentCommands, options.Value.TenantShare);

    /// <summary>For appends.</summary>
    public TenantLimiter Appends { get; } = new(options.Value.MaxConcurrentCommands, options.Value.TenantShare);

    /// <summary>For reads of the store, until the answer is made.</summary>
    public TenantLimiter Reads { get; } = new(options.Value.MaxConcurrentReads, options.Value.TenantShare);

    /// <summary>
    /// For reads of the store by streams and long polls. These have permits of their own, one change of a run wakes many, and browsers do not come back to a stream that is
    /// rejected; so they wait in a queue.
    /// </summary>
    public TenantLimiter FollowerReads { get; } = new(
        options.Value.MaxConcurrentReads, options.Value.TenantShare, queueLimit: options.Value.MaxConcurrentStreams);

    /// <summary>For snapshots of logs, each of which reads megabytes.</summary>
    public TenantLimiter Snapshots { get; } = new(options.Value.MaxConcurrentSnapshots, options.Value.TenantShare);

    /// <summary>For streams and long polls.</summary>
    public TenantLimiter Streams { get; } = new(options.Value.MaxConcurrentStreams, options.Value.TenantShare);

    /// <summary>For the bytes of bodies, from their arrival until their request ends. One body of the largest size always fits into a tenant's share.</summary>
    public TenantLimiter BodyMemory { get; } = new(
        options.Value.MaxBodyMemoryMegabytes * (MiB / BytesPerPermit), options.Value.TenantShare, minimum: (ApiOptions.MaxBodyBytes + MiB) / BytesPerPermit);

    /// <summary>For what large answers hold, from the read of the store until the client has received them. One page of the largest size always fits into a tenant's share.</summary>
    public TenantLimiter ResponseMemory { get; } = new(
        options.Value.MaxResponseMemoryMegabytes * (MiB / BytesPerPermit), options.Value.TenantShare, minimum: LargestResponse / BytesPerPermit);

    /// <summary>Reads the store under a permit of <see cref="Reads"/>.</summary>
    /// <returns>What was read; or the problem to answer with instead, and nothing was read.</returns>
    public async Task<(T? Read, ProblemHttpResult? Problem)> Read<T>(string tenant, Func<Task<T?>> read)
    {
        using var permit = Reads.Acquire(tenant);
        return Problem(permit) is { } problem ? (default, problem) : (await read(), null);
    }

    /// <summary>Reads the store under a permit of <see cref="FollowerReads"/>, for which it queues.</summary>
    /// <inheritdoc cref="Read{T}"/>
    public async Task<(T? Read, ProblemHttpResult? Problem)> ReadForFollower<T>(string tenant, Func<Task<T?>> read, CancellationToken cancellationToken)
    {
        using var permit = await FollowerReads.AcquireQueued(tenant, cancellationToken);
        return Problem(permit) is { } problem ? (default, problem) : (await read(), null);
    }

    /// <summary>
    /// Charges a large answer to the tenant until its client has received it or is gone: a client that reads slowly keeps the answer in memory. Small ones are free.
    /// </summary>
    /// <returns>The problem to answer with instead, or null.</returns>
    public ProblemHttpResult? TryHold(HttpContext http, string tenant, long characters)
    {
        var permits = (int)Math.Min(characters * sizeof(char) / BytesPerPermit, LargestResponse / BytesPerPermit);
        if (permits < LargeResponse / BytesPerPermit)
        {
            return null;
        }

        var lease = ResponseMemory.Acquire(tenant, permits);
        http.Response.RegisterForDispose(lease);
        return lease.Problem("large answers", "large answers are in memory");
    }

    /// <summary>Charges the answer that shows a run, as <see cref="TryHold(HttpContext, string, long)"/> does.</summary>
    public ProblemHttpResult? TryHold(HttpContext http, string tenant, Run run) => TryHold(
        http, tenant,
        run.Request.Text.Length + Length(run.Input) + Length(run.Config) + Length(run.Output) + Length(run.Artifacts) + Length(run.Metadata) + (run.Logs?.Length ?? 0));

    /// <summary>The problem to answer with when the tenant has no memory left for another large answer; otherwise null.</summary>
    public ProblemHttpResult? LargeAnswerProblem(string tenant)
    {
        using var lease = ResponseMemory.Acquire(tenant, LargeResponse / BytesPerPermit);
        return lease.Problem("large answers", "large answers are in memory");
    }

    /// <summary>
    /// Charges the answer of a command that was carried out, which can no longer be rejected. When the whole answer does not fit, the largest part that does is charged.
    /// </summary>
    public void HoldWhatFits(HttpContext http, string tenant, RunResource run)
    {
        var characters = Length(run.Metadata) + Length(run.Input) + Length(run.Config) + Length(run.Output) + Length(run.Artifacts) + (run.Logs?.Length ?? 0);
        while (characters > 0 && TryHold(http, tenant, characters) is not null)
        {
            characters /= 2;
        }
    }

    public void Dispose()
    {
        foreach (var limiter in (TenantLimiter[])[Commands, Appends, Reads, FollowerReads, Snapshots, Streams, BodyMemory, ResponseMemory])
        {
            limiter.Dispose();
        }
    }

    private static ProblemHttpResult? Problem(TenantLease readPermit) => readPermit.Problem("reads", "reads are under way");

    private static long Length(RawJson? json) => json?.Text.Length ?? 0;
}
