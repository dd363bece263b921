using System.Threading.RateLimiting;
using Runs.Contracts;

namespace Runs.Api.Security;

/// <summary>
/// Logs who did what, in the category <c>Runs.Audit</c>: every call that may change something, at Information (appends, which are many, at Debug), and every call that was refused,
/// at Warning. Refusals cost a caller nothing, so only some of them are logged and the rest counted.
/// </summary>
internal sealed partial class AuditLog(RequestDelegate next, ILoggerFactory loggers) : IDisposable
{
    private const int MaxRefusals = 10; // a second

    private readonly ILogger _log = loggers.CreateLogger("Runs.Audit");
    private readonly TokenBucketRateLimiter _refusals = new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = 2 * MaxRefusals,
        TokensPerPeriod = MaxRefusals,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    });

    private int _unlogged;

    /// <summary>Names the run that a call is about, where its path does not.</summary>
    public static void SetRun(HttpContext http, string runId) => http.Items[typeof(AuditLog)] = runId;

    public async Task InvokeAsync(HttpContext http)
    {
        var action = http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName;
        if (action is null)
        {
            await next(http);
            return;
        }

        var isAnswered = false;
        try
        {
            await next(http);
            isAnswered = true;
        }
        finally
        {
            Log(http, action, isAnswered ? http.Response.StatusCode : StatusCodes.Status500InternalServerError);
        }
    }

    public void Dispose() => _refusals.Dispose();

    private void Log(HttpContext http, string action, int status)
    {
        if (status is 401 or 403 or 429 or 503)
        {
            using var lease = _refusals.AttemptAcquire();
            if (lease.IsAcquired)
            {
                LogRefusal(Who(http), TenantOf(http), action, RunOf(http), status, TraceOf(http), AddressOf(http), Interlocked.Exchange(ref _unlogged, 0));
            }
            else
            {
                Interlocked.Increment(ref _unlogged);
            }
        }
        else if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            var level = action is "appendEvents" or "appendConversationEvents" ? LogLevel.Debug : LogLevel.Information;
            if (_log.IsEnabled(level))
            {
                LogCall(level, Who(http), TenantOf(http), action, RunOf(http), status, TraceOf(http), AddressOf(http));
            }
        }
    }

    // A prefix is no secret, and tells whose key is tried. Everything else that was sent may be one.
    private static string Who(HttpContext http)
    {
        if (http.User.Identity?.IsAuthenticated == true)
        {
            var actor = Caller.ActorOf(http);
            return $"{actor.Type} {actor.Id ?? "-"}{(actor.KeyPrefix is null ? "" : $" with key {actor.KeyPrefix}")}";
        }

        return ApiKeyAuthentication.CredentialOf(http.Request) is { } credential && ApiKey.TryParse(credential, out var prefix, out _) && ApiKey.IsPrefix(prefix)
            ? $"unknown with key {prefix}"
            : "unknown";
    }

    private static string TenantOf(HttpContext http) => Caller.HasTenant(http.User) ? http.User.FindFirst(Caller.TenantClaim)!.Value : "-";

    private static string RunOf(HttpContext http) =>
        (http.Items[typeof(AuditLog)] ?? http.Request.RouteValues["run_id"]) is string run && CreateRunRules.IsRunId(RunPath.Unescaped(run)) ? run : "-";

    private static string TraceOf(HttpContext http) => Caller.TraceIdOf(http);

    private static string AddressOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "-";

    [LoggerMessage(Message = "{Who} of {Tenant}: {Action} {RunId} answered {Status} (trace {TraceId}, from {Address})")]
    private partial void LogCall(LogLevel level, string who, string tenant, string action, string runId, int status, string traceId, string address);

    [LoggerMessage(LogLevel.Warning, "{Who} of {Tenant}: {Action} {RunId} refused with {Status} (trace {TraceId}, from {Address}); {Unlogged} refusals before it were not logged")]
    private partial void LogRefusal(string who, string tenant, string action, string runId, int status, string traceId, string address, int unlogged);
}
