using System.Security.Claims;
using Runs.Contracts;

namespace Runs.Api;

/// <summary>Who makes a call: a tenant, and the user where the credential names one by a UUID, as runs show it.</summary>
internal sealed record Caller(string Tenant, string? UserId)
{
    public const string TenantClaim = "tenant";
    public const string UserClaim = "userId";

    /// <summary>Whether a credential names an account that runs can belong to. The names of claims are told apart by case.</summary>
    public static bool HasTenant(ClaimsPrincipal user) => user.FindFirstValue(TenantClaim) is { } tenant && Limits.Line(tenant, Limits.Key) is null;

    /// <summary>Binds an endpoint's <see cref="Caller"/> parameter; authorization has made sure that the claims are there.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context.User));

    private static Caller Of(ClaimsPrincipal user) =>
        new(user.FindFirstValue(TenantClaim) ?? throw new InvalidOperationException("The credential has no tenant."), Guid.TryParseExact(user.FindFirstValue(UserClaim), "D", out var id) ? id.ToString() : null);
}
