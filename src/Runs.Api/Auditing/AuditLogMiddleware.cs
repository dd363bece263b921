using System.Threading.RateLimiting;

namespace Runs.Api.Auditing;

/// <summary>
/// Writes the audit log, in the category <c>Runs.Audit</c>. Every authenticated request to a route that may change data
/// is logged with its outcome, at Information (appends, which are frequent, at Debug). Every request that was rejected
/// for its credential, its scope or its tenant's rate is logged at Warning. A rejection costs the caller nothing, so
/// the log has ten rejections a second, with bursts of up to 20, of each tenant, and of all callers without a valid
/// credential together. The others are counted.
/// </summary>
internal sealed partial class AuditLogMiddleware(RequestDelegate next, ILoggerFactory loggers) : IDisposable
{
    private const int LoggedRejectionsPerSecond = 10;
    private const string Absent = "-";

    private readonly ILogger _log = loggers.CreateLogger("Runs.Audit");
    private readonly PartitionedRateLimiter<string> _rejectionLimiter = PartitionedRateLimiter.Create<string, string>(
        tenant => RateLimitPartition.GetTokenBucketLimiter(tenant, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = 2 * LoggedRejectionsPerSecond,
            TokensPerPeriod = LoggedRejectionsPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        }));

    private int _suppressedRejections;

    /// <summary>
    /// Records the route that a request matched. The exception handler clears the endpoint, so the middleware outside
    /// it cannot read it.
    /// </summary>
    public static Task RecordRoute(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata is { } metadata && metadata.GetMetadata<IEndpointNameMetadata>() is { } route)
        {
            var level = metadata.GetMetadata<AuditLevel>()?.Level ?? LogLevel.Information;
            http.Features.Set(new AuditedCall(route.EndpointName, level) { RunId = http.Request.RouteValues["run_id"] as string });
        }

        return next(http);
    }

    /// <summary>Sets the run of a request whose path does not contain it.</summary>
    public static void SetRunId(HttpContext http, string runId)
    {
        if (http.Features.Get<AuditedCall>() is { } call)
        {
            call.RunId = runId;
        }
    }

    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        finally
        {
            if (http.Features.Get<AuditedCall>() is { } call)
            {
                LogOutcome(http, call);
            }
        }
    }

    public void Dispose() => _rejectionLimiter.Dispose();

    private void LogOutcome(HttpContext http, AuditedCall call)
    {
        var status = http.Response.StatusCode;
        var isRead = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        if (status is 401 or 403 or 429 || (status == 503 && !IsAuthenticated(http)))
        {
            LogOrCountRejection(http, call, status);
        }
        else if (!isRead && _log.IsEnabled(call.Level))
        {
            var caller = AuditedCaller.From(http);
            LogCall(
                call.Level,
                caller.ActorType,
                caller.ActorId ?? Absent,
                caller.KeyPrefix ?? Absent,
                caller.Tenant ?? Absent,
                call.Action,
                call.ValidRunId ?? Absent,
                status,
                Caller.GetTraceId(http),
                GetAddress(http));
        }
    }

    private void LogOrCountRejection(HttpContext http, AuditedCall call, int status)
    {
        var caller = AuditedCaller.From(http);
        using var lease = _rejectionLimiter.AttemptAcquire(caller.Tenant ?? "");
        if (lease.IsAcquired)
        {
            LogRejection(
                caller.ActorType,
                caller.ActorId ?? Absent,
                caller.KeyPrefix ?? Absent,
                caller.Tenant ?? Absent,
                call.Action,
                call.ValidRunId ?? Absent,
                status,
                Caller.GetTraceId(http),
                GetAddress(http),
                Interlocked.Exchange(ref _suppressedRejections, 0));
        }
        else
        {
            Interlocked.Increment(ref _suppressedRejections);
        }
    }

    private static bool IsAuthenticated(HttpContext http) => http.User.Identity?.IsAuthenticated == true;

    private static string GetAddress(HttpContext http) => Caller.GetRemoteAddress(http) ?? Absent;

    [LoggerMessage(Message =
        "{ActorType} {ActorId} (key {KeyPrefix}) of {Tenant}: {Action} {RunId} returned {Status} (trace {TraceId}, from {Address})")]
    private partial void LogCall(
        LogLevel level, string actorType, string actorId, string keyPrefix, string tenant, string action, string runId, int status,
        string traceId, string address);

    [LoggerMessage(
        LogLevel.Warning,
        "{ActorType} {ActorId} (key {KeyPrefix}) of {Tenant}: {Action} {RunId} rejected with {Status} (trace {TraceId}, from {Address}). "
        + "{NotLogged} earlier rejections were not logged")]
    private partial void LogRejection(
        string actorType, string actorId, string keyPrefix, string tenant, string action, string runId, int status,
        string traceId, string address, int notLogged);
}
