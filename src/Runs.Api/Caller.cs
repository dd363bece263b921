using System.Diagnostics;
using System.Security.Claims;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api;

/// <summary>Who makes a call: a tenant, and the user where the credential names one by a UUID, as runs show it.</summary>
internal sealed record Caller(string Tenant, string? UserId)
{
    public const string TenantClaim = "tenant";
    public const string UserClaim = "userId";
    public const string KeyPrefixClaim = "keyPrefix";
    public const string ActorTypeClaim = "actorType";
    public const string ProjectsClaim = "projects";
    public const string ScopeClaim = "scope";

    /// <summary><see cref="ResponderTypes"/>: what the caller is recorded as when it answers an input request.</summary>
    public required string ActorType { get; init; }

    /// <summary>The projects whose runs the caller may see and make; null when it may see and make all of the tenant.</summary>
    public IReadOnlyCollection<string>? Projects { get; init; }

    /// <summary>Who the caller is, as commands say it.</summary>
    public required Actor Actor { get; init; }

    /// <summary>The trace that the call belongs to.</summary>
    public required string TraceId { get; init; }

    /// <summary>Whether the caller may see the run. A run that a conversation owns belongs to no project, so a caller with projects does not see it.</summary>
    public bool MaySee(Run run) => Projects is null || (run.ProjectId is { } project && Projects.Contains(project));

    /// <summary>Whether the caller may make a run of this owner.</summary>
    public bool MayMakeFor(Owner owner) => Projects is null || (owner.Kind == OwnerKinds.Project && Projects.Contains(owner.Id));

    /// <summary>Whether a credential names an account that runs can belong to. The names of claims are told apart by case.</summary>
    public static bool HasTenant(ClaimsPrincipal user) => user.FindFirstValue(TenantClaim) is { } tenant && Limits.Line(tenant, Limits.Key) is null;

    /// <summary>Binds an endpoint's <see cref="Caller"/> parameter; authorization has made sure that the claims are there.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context));

    /// <summary>Who a credential names.</summary>
    public static Actor ActorOf(HttpContext http) => new()
    {
        Type = http.User.HasClaim(claim => claim.Type == UserClaim) ? ActorTypes.User : ActorTypes.Key,
        Id = UserIdOf(http.User) ?? (http.User.FindFirstValue(UserClaim) is { } name && Limits.Line(name, Limits.Name) is null ? name : null),
        KeyPrefix = http.User.FindFirstValue(KeyPrefixClaim),
        Address = AddressOf(http),
    };

    /// <summary>The network address that a call came from; the client's own where a configured proxy says it.</summary>
    public static string? AddressOf(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : null;

    /// <summary>The trace that a call belongs to.</summary>
    public static string TraceIdOf(HttpContext http) => Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier;

    private static Caller Of(HttpContext http) => new(
        http.User.FindFirstValue(TenantClaim) ?? throw new InvalidOperationException("The credential has no tenant."), UserIdOf(http.User))
    {
        ActorType = http.User.FindFirstValue(ActorTypeClaim) ?? ResponderTypes.System,
        Projects = http.User.FindFirstValue(ProjectsClaim) is { } projects ? Security.Scopes.Words(projects) : null,
        Actor = ActorOf(http),
        TraceId = TraceIdOf(http),
    };

    private static string? UserIdOf(ClaimsPrincipal user) => Guid.TryParseExact(user.FindFirstValue(UserClaim), "D", out var id) ? id.ToString() : null;
}
