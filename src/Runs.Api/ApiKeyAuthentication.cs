using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Runs.Api.Security;
using Runs.Store;

namespace Runs.Api;

/// <summary>Knows callers by their API key, in <c>Authorization: Bearer</c> or <c>X-API-Key</c>; the former wins where both are sent.</summary>
internal sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeys keys)
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

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (CredentialOf(Request) is not { } credential || !ApiKey.LooksLikeOne(credential))
        {
            return AuthenticateResult.NoResult();
        }

        if (!ApiKey.TryParse(credential, out var prefix, out var secret))
        {
            return AuthenticateResult.Fail("Malformed API key.");
        }

        try
        {
            var known = await keys.Find(prefix);
            return ApiKey.Matches(secret, known?.SecretSha256 ?? NoSecret) && known is not null && known.IsValidAt(TimeProvider.GetUtcNow())
                ? AuthenticateResult.Success(new AuthenticationTicket(ToCredential(known).ToPrincipal(SchemeName), SchemeName))
                : AuthenticateResult.Fail("Unknown API key.");
        }
        catch (StoreUnavailableException exception)
        {
            Context.Features.Set(new UncheckedCredential());
            return AuthenticateResult.Fail(exception);
        }
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return base.HandleChallengeAsync(properties);
    }

    private static Credential ToCredential(ApiKeyRecord key) => new()
    {
        Tenant = key.Tenant,
        UserId = key.UserId,
        KeyPrefix = key.Prefix,
        Scopes = key.Scopes,
        Projects = key.Projects.Count == 0 ? null : key.Projects,
        ActorType = key.ActorType,
    };
}
