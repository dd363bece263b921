using System.Collections;
using System.Security.Claims;
using Runs.Store;

namespace Runs.Api.Telemetry;

/// <summary>
/// The scope of the log entries of a request: the tenant and the run, as far as they are known when an entry is
/// written. It is outside the exception handler, so that the entry of a failure has them, too.
/// </summary>
internal sealed class RequestLogScope(HttpContext http) : IEnumerable<KeyValuePair<string, object?>>
{
    // Null after the request: work that it has started may log later, and the server uses the context again.
    private volatile HttpContext? _http = http;

    /// <summary>Middleware that begins the scope of a request.</summary>
    public static Func<HttpContext, RequestDelegate, Task> Create(ILogger logger) => async (http, next) =>
    {
        var scope = new RequestLogScope(http);
        using var beginning = logger.BeginScope(scope);
        try
        {
            await next(http);
        }
        finally
        {
            scope._http = null;
        }
    };

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        if (_http is { } http)
        {
            yield return new(RunLogScope.Tenant, Caller.HasTenant(http.User) ? http.User.FindFirstValue(Caller.TenantClaim) : null);
            yield return new(RunLogScope.RunId, http.Features.Get<AuditedCall>()?.ValidRunId);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
