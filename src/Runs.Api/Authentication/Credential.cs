using System.Security.Claims;

namespace Runs.Api.Authentication;

/// <summary>The caller's identity and permissions, from a valid API key or token.</summary>
internal sealed record Credential
{
    /// <summary>The tenant. Without a well-formed tenant, the credential grants nothing.</summary>
    public string? Tenant { get; init; }

    /// <summary>The user on whose behalf the caller acts.</summary>
    public string? UserId { get; init; }

    /// <summary>The prefix of an API key; null for a token.</summary>
    public string? KeyPrefix { get; init; }

    /// <summary>
    /// The worker whose token it is; null for every other credential. A worker's token has no scopes.
    /// </summary>
    public CallingWorker? Worker { get; init; }

    /// <summary>
    /// The event writer whose token it is; null for every other credential. Such a token has no scopes.
    /// </summary>
    public EventWriter? EventWriter { get; init; }

    /// <summary><see cref="Scopes"/>.</summary>
    public IReadOnlyCollection<string> Scopes { get; init; } = [];

    /// <summary>The projects whose runs the caller may read and create. Null for all.</summary>
    public IReadOnlyCollection<string>? Projects { get; init; }

    /// <summary>
    /// <see cref="Contracts.ResponderTypes"/>: the responder type recorded when the caller answers an input request.
    /// </summary>
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
        Worker?.AddClaims(identity);
        EventWriter?.AddClaims(identity);
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
