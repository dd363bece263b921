using System.Security.Claims;

namespace Runs.Api.Security;

/// <summary>What a valid API key or token says of its caller, whichever of them it is.</summary>
internal sealed record Credential
{
    /// <summary>The tenant. Absent or malformed, the credential may do nothing.</summary>
    public string? Tenant { get; init; }

    /// <summary>The user on whose behalf the caller acts.</summary>
    public string? UserId { get; init; }

    /// <summary>The prefix of an API key; null for a token.</summary>
    public string? KeyPrefix { get; init; }

    /// <summary><see cref="Security.Scopes"/>.</summary>
    public IReadOnlyCollection<string> Scopes { get; init; } = [];

    /// <summary>The projects whose runs the caller may see and make; null when it may see and make all.</summary>
    public IReadOnlyCollection<string>? Projects { get; init; }

    /// <summary><see cref="Contracts.ResponderTypes"/>: what the caller is recorded as when it answers an input request.</summary>
    public required string ActorType { get; init; }

    /// <summary>The principal that authorization and endpoints read; see <see cref="Caller"/>.</summary>
    public ClaimsPrincipal ToPrincipal(string scheme)
    {
        var identity = new ClaimsIdentity(scheme);
        Add(Caller.TenantClaim, Tenant);
        Add(Caller.UserClaim, UserId);
        Add(Caller.KeyPrefixClaim, KeyPrefix);
        Add(Caller.ActorTypeClaim, ActorType);
        Add(Caller.ProjectsClaim, Projects is null ? null : string.Join(' ', Projects));
        foreach (var scope in Scopes)
        {
            Add(Caller.ScopeClaim, scope);
        }

        return new ClaimsPrincipal(identity);

        void Add(string type, string? value)
        {
            if (value is not null)
            {
                identity.AddClaim(new Claim(type, value));
            }
        }
    }
}
