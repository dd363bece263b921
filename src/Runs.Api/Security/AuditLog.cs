using System.Threading.RateLimiting;
using Runs.Contracts;

namespace Runs.Api.Security;

/// <summary>
/// Logs who did what, in the category <c>Runs.Audit</c>: every authenticated call of a route that may change something, with its outcome, at
/// Information (appends, which are many, at Debug); and at Warning every call that was refused for its credential, its scope or its tenant's rate.
/// A refusal costs the caller nothing, so the log has a few refusals a second of each tenant, and of all callers without a valid credential
/// together. The others are counted.
/// </summary>
internal sealed partial class AuditLog(RequestDelegate next, ILoggerFactory loggers) : IDisposable
{
    private const int RefusalsPerSecond = 10;
    private const string Nothing = "-";

    private readonly ILogger _log = loggers.CreateLogger("Runs.Audit");
    private readonly PartitionedRateLimiter<string> _refusals = PartitionedRateLimiter.Create<string, string>(
        tenant => RateLimitPartition.GetTokenBucketLimiter(tenant, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = 2 * RefusalsPerSecond,
            TokensPerPeriod = RefusalsPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        }));

    private int _notLogged;

    /// <summary>Keeps which route a call matched. The exception handler clears the endpoint, so the middleware around it does not see that.</summary>
    public static Task NoteRoute(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>() is { } route)
        {
            http.Features.Set(new AuditedCall(route.EndpointName) { RunId = http.Request.RouteValues["run_id"] as string });
        }

        return next(http);
    }

    /// <summary>Names the run that a call is about, where its path does not.</summary>
    public static void SetRun(HttpContext http, string runId)
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
                Log(http, call);
            }
        }
    }

    public void Dispose() => _refusals.Dispose();

    private void Log(HttpContext http, AuditedCall call)
    {
        var status = http.Response.StatusCode;
        var isRead = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        if (status is 401 or 403 or 429 || (status == 503 && !IsAuthenticated(http)))
        {
            LogRefused(http, call, status);
        }
        else if (!isRead && (call.IsAppend ? LogLevel.Debug : LogLevel.Information) is var level && _log.IsEnabled(level))
        {
            var caller = AuditedCaller.Of(http);
            LogCall(
                level, caller.ActorType, caller.ActorId ?? Nothing, caller.KeyPrefix ?? Nothing, caller.Tenant ?? Nothing, call.Action, RunOf(call),
                status, Caller.TraceIdOf(http), AddressOf(http));
        }
    }

    private void LogRefused(HttpContext http, AuditedCall call, int status)
    {
        var caller = AuditedCaller.Of(http);
        using var lease = _refusals.AttemptAcquire(caller.Tenant ?? "");
        if (lease.IsAcquired)
        {
            LogRefusal(
                caller.ActorType, caller.ActorId ?? Nothing, caller.KeyPrefix ?? Nothing, caller.Tenant ?? Nothing, call.Action, RunOf(call),
                status, Caller.TraceIdOf(http), AddressOf(http), Interlocked.Exchange(ref _notLogged, 0));
        }
        else
        {
            Interlocked.Increment(ref _notLogged);
        }
    }

    private static bool IsAuthenticated(HttpContext http) => http.User.Identity?.IsAuthenticated == true;

    private static string RunOf(AuditedCall call) =>
        call.RunId is { } part && RunPath.Unescaped(part) is var runId && CreateRunRules.IsRunId(runId) ? runId : Nothing;

    private static string AddressOf(HttpContext http) => Caller.AddressOf(http) ?? Nothing;

    [LoggerMessage(Message = "{ActorType} {ActorId} (key {KeyPrefix}) of {Tenant}: {Action} {RunId} answered {Status} (trace {TraceId}, from {Address})")]
    private partial void LogCall(
        LogLevel level, string actorType, string actorId, string keyPrefix, string tenant, string action, string runId, int status,
        string traceId, string address);

    [LoggerMessage(
        LogLevel.Warning,
        "{ActorType} {ActorId} (key {KeyPrefix}) of {Tenant}: {Action} {RunId} refused with {Status} (trace {TraceId}, from {Address}). "
        + "{NotLogged} refusals before it were not logged")]
    private partial void LogRefusal(
        string actorType, string actorId, string keyPrefix, string tenant, string action, string runId, int status,
        string traceId, string address, int notLogged);
}

/// <summary>A call of a route of the API.</summary>
/// <param name="action">The route's name, which is the operation's id in the description of the API.</param>
internal sealed class AuditedCall(string action)
{
    public string Action => action;

    /// <summary>Whether it adds to a run's log, as executors do all the time.</summary>
    public bool IsAppend => action is "appendEvents" or "appendConversationEvents";

    /// <summary>The run that the call is about, as the caller wrote it.</summary>
    public string? RunId { get; set; }
}

/// <summary>The caller of an audited call, as far as it is known.</summary>
internal readonly record struct AuditedCaller(string ActorType, string? ActorId, string? KeyPrefix, string? Tenant)
{
    /// <summary>
    /// The caller as its credential says. Of a credential that is not valid, the prefix alone is shown: it is not secret, and says whose key is tried.
    /// </summary>
    public static AuditedCaller Of(HttpContext http)
    {
        if (http.User.Identity?.IsAuthenticated == true)
        {
            var actor = Caller.ActorOf(http);
            var tenant = Caller.HasTenant(http.User) ? http.User.FindFirst(Caller.TenantClaim)!.Value : null;
            return new AuditedCaller(actor.Type, actor.Id, actor.KeyPrefix, tenant);
        }

        var isKey = ApiKey.TryParse(ApiKeyAuthentication.CredentialOf(http.Request) ?? "", out var prefix, out _) && ApiKey.IsPrefix(prefix);
        return new AuditedCaller("unknown", null, isKey ? prefix : null, null);
    }
}
