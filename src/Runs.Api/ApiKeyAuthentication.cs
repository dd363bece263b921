using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Runs.Api;

/// <summary>Knows callers by their API key, in <c>Authorization: Bearer</c> or <c>X-API-Key</c>; the former wins where both are sent.</summary>
internal sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IOptionsMonitor<AuthOptions> auth)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string Header = "X-API-Key";

    // Compared with when no record has the prefix, so that an unknown prefix takes as long as a wrong secret.
    private static readonly string NoSecret = new('0', 64);

    /// <summary>The credential of a call, without its scheme; null when there is none.</summary>
    public static string? CredentialOf(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? authorization["Bearer ".Length..].Trim()
            : authorization.Length > 0 ? null
            : request.Headers[Header].ToString() is { Length: > 0 } key ? key : null;
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return base.HandleChallengeAsync(properties);
    }

    private AuthenticateResult Authenticate()
    {
        if (CredentialOf(Request) is not { } credential || !ApiKey.LooksLikeOne(credential))
        {
            return AuthenticateResult.NoResult();
        }

        if (!ApiKey.TryParse(credential, out var prefix, out var secret))
        {
            return AuthenticateResult.Fail("Malformed API key.");
        }

        var known = auth.CurrentValue.ApiKeys.Find(key => key.Prefix == prefix);
        if (!ApiKey.Matches(secret, known?.SecretSha256 ?? NoSecret) || known is null)
        {
            return AuthenticateResult.Fail("Unknown API key.");
        }

        var identity = new ClaimsIdentity(SchemeName);
        identity.AddClaim(new Claim(Caller.TenantClaim, known.Tenant));
        if (known.UserId is { } user)
        {
            identity.AddClaim(new Claim(Caller.UserClaim, user.ToString()));
        }

        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }
}
