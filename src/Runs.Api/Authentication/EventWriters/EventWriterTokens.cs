using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Runs.Store;

namespace Runs.Api.Authentication;

/// <summary>
/// Issues and verifies the tokens of event writers: JWTs (RS256) that allow appends to the log of one run. Neither
/// needs the store.
/// </summary>
internal sealed class EventWriterTokens
{
    /// <summary>The maximum length of a token.</summary>
    public const int MaxTokenBytes = 4096;

    /// <summary>
    /// The type in the header (RFC 8725 3.11). It keeps these tokens apart from those of the configured issuer.
    /// </summary>
    public const string TokenType = "run-event-writer+jwt";

    /// <summary>The claim <c>tokenUse</c>.</summary>
    public const string TokenUse = "run_event_writer";

    /// <summary>The only element of the claim <c>scopes</c>.</summary>
    public const string Scope = "agent-runs:events:append";

    private const string Issuer = "runs";
    private const string Audience = "runs";
    private const string ActorType = "service_account";
    private const string TokenUseClaim = "tokenUse";
    private const string ProjectIdClaim = "projectId";
    private const string RunIdClaim = "runId";
    private const string ScopesClaim = "scopes";
    private const string AttemptClaim = "attempt";

    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false, MapInboundClaims = false };
    private readonly EventWriterKeys _keys;
    private readonly TimeProvider _clock;
    private readonly Lazy<TokenValidationParameters> _validation;

    public EventWriterTokens(EventWriterKeys keys, TimeProvider clock)
    {
        (_keys, _clock) = (keys, clock);
        _validation = new Lazy<TokenValidationParameters>(CreateValidationParameters);
    }

    /// <summary>How long a token is valid.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromHours(1);

    /// <summary>Issues the token for a run that a worker holds; null when this server has no signing key.</summary>
    public string? Issue(string tenant, ClaimedRunResource run) => Issue(
        tenant, new EventWriter(run.RunId, run.ProjectId, run.LeaseOwner, run.Attempt));

    /// <summary>
    /// Issues the token for a child, on behalf of the bearer of its parent's token; null when this server has no
    /// signing key.
    /// </summary>
    public string? IssueForChild(EventWriter parent, Run child) => Issue(
        child.Tenant,
        new EventWriter(child.RunId, child.ProjectId ?? parent.ProjectId, parent.WorkerId, child.Attempt > 0 ? child.Attempt : null));

    /// <summary>Issues a token for a run of the tenant; null when this server has no signing key.</summary>
    public string? Issue(string tenant, EventWriter writer)
    {
        if (_keys.Signing is not { } signing)
        {
            return null;
        }

        var now = _clock.GetUtcNow().UtcDateTime;
        var claims = new Dictionary<string, object>
        {
            [Caller.UserClaim] = writer.WorkerId,
            [Caller.ActorTypeClaim] = ActorType,
            [TokenUseClaim] = TokenUse,
            [Caller.TenantClaim] = tenant,
            [ProjectIdClaim] = writer.ProjectId,
            [RunIdClaim] = writer.RunId,
            [ScopesClaim] = new[] { Scope },
        };
        if (writer.Attempt is { } attempt)
        {
            claims[AttemptClaim] = attempt;
        }

        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = TokenType,
            Issuer = Issuer,
            Audience = Audience,
            IssuedAt = now,
            Expires = now + Lifetime,
            Claims = claims,
            SigningCredentials = signing,
        });
    }

    /// <summary>Verifies a token. Null when it is not valid now.</summary>
    public async Task<Credential?> Verify(string token)
    {
        var result = await _handler.ValidateTokenAsync(token, _validation.Value);
        return result.IsValid ? Read((JsonWebToken)result.SecurityToken) : null;
    }

    /// <summary>
    /// Whether a credential claims to be the token of an event writer. Nothing is verified: this selects how the
    /// credential is checked.
    /// </summary>
    public static bool HasTokenType(string credential)
    {
        // Three parts: the library fails in other ways for an encrypted token, which has five.
        if (credential.Length > MaxTokenBytes || credential.AsSpan().Count('.') != 2)
        {
            return false;
        }

        try
        {
            return new JsonWebToken(credential).Typ == TokenType;
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenMalformedException)
        {
            return false;
        }
    }

    private static Credential? Read(JsonWebToken token)
    {
        var isWriter = token.TryGetPayloadValue<string>(TokenUseClaim, out var use) && use == TokenUse
            && token.TryGetPayloadValue<string[]>(ScopesClaim, out var scopes) && scopes is [Scope];
        return isWriter
            ? new Credential
            {
                Tenant = token.GetPayloadValue<string>(Caller.TenantClaim),
                EventWriter = new EventWriter(
                    token.GetPayloadValue<string>(RunIdClaim),
                    token.GetPayloadValue<string>(ProjectIdClaim),
                    token.GetPayloadValue<string>(Caller.UserClaim),
                    token.TryGetPayloadValue<int>(AttemptClaim, out var attempt) ? attempt : null),
                ActorType = Contracts.ResponderTypes.Agent,
            }
            : null;
    }

    private TokenValidationParameters CreateValidationParameters() => new()
    {
        ValidTypes = [TokenType],
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
        ValidIssuer = Issuer,
        ValidAudience = Audience,
        IssuerSigningKeys = _keys.Verification,
        TryAllIssuerSigningKeys = false, // the header names the key
        LifetimeValidator = (_, expires, _, _) => expires + ClockSkew > _clock.GetUtcNow().UtcDateTime,
    };
}
