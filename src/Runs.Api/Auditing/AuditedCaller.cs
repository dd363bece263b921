using Runs.Store;

namespace Runs.Api.Auditing;

/// <summary>The caller of an audited request, as far as known.</summary>
internal readonly record struct AuditedCaller(string ActorType, string? ActorId, string? KeyPrefix, string? Tenant)
{
    /// <summary>
    /// The caller from its credential. For an invalid credential, only the key prefix or the worker's id is included:
    /// it is not secret, and identifies the key or worker that is tried.
    /// </summary>
    public static AuditedCaller From(HttpContext http)
    {
        if (http.User.Identity?.IsAuthenticated == true)
        {
            var actor = Caller.GetActor(http);
            var tenant = Caller.HasTenant(http.User) ? http.User.FindFirst(Caller.TenantClaim)!.Value : null;
            return new AuditedCaller(actor.Type, actor.Id, actor.KeyPrefix, tenant);
        }

        if (WorkerTokenAuthenticationHandler.GetToken(http.Request) is { } token)
        {
            var worker = WorkerTokenFormat.TryParse(token, out var id, out _) ? Worker.GetLeaseOwner(id) : null;
            return new AuditedCaller("unknown", worker, null, null);
        }

        var credential = ApiKeyAuthenticationHandler.GetCredential(http.Request) ?? "";
        var isKey = ApiKey.TryParse(credential, out var prefix, out _) && ApiKey.IsValidPrefix(prefix);
        return new AuditedCaller("unknown", null, isKey ? prefix : null, null);
    }
}
