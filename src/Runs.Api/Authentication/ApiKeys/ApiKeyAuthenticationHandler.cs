using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Authentication;

/// <summary>
/// Authenticates callers by their API key, in <c>Authorization: Bearer</c> or <c>X-API-Key</c>. The former takes
/// precedence.
/// </summary>
internal sealed class ApiKeyAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeyCache keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string HeaderName = "X-API-Key";

    private const string BearerPrefix = "Bearer ";

    // The hash to compare with when no record has the prefix, so that an unknown prefix takes as long as a wrong
    // secret.
    private static readonly string DummyHash = new('0', 64);

    /// <summary>The credential of a request, without its scheme. Null when there is none.</summary>
    public static string? GetCredential(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.Length > 0)
        {
            return authorization.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase)
                ? authorization[BearerPrefix.Length..].Trim()
                : null;
        }

        return request.Headers[HeaderName].ToString() is { Length: > 0 } key ? key : null;
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (GetCredential(Request) is not { } credential || !ApiKey.HasSchemePrefix(credential))
        {
            return AuthenticateResult.NoResult();
        }

        if (!ApiKey.TryParse(credential, out var prefix, out var secret))
        {
            return AuthenticateResult.Fail("Malformed API key.");
        }

        try
        {
            var storedKey = await keys.Find(prefix);
            var isSecretValid = ApiKey.VerifySecret(secret, storedKey?.SecretSha256 ?? DummyHash);
            return isSecretValid && storedKey is not null && storedKey.IsValidAt(TimeProvider.GetUtcNow())
                ? AuthenticateResult.Success(new AuthenticationTicket(ToCredential(storedKey).ToPrincipal(SchemeName), SchemeName))
                : AuthenticateResult.Fail("Unknown API key.");
        }
        catch (StoreUnavailableException exception)
        {
            Context.Features.Set(new CredentialNotCheckedFeature());
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
