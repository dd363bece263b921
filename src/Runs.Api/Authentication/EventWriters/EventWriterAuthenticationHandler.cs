using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Runs.Api.Authentication;

/// <summary>
/// Authenticates event writers by their token, in <c>Authorization: Bearer</c>. It does not read the store.
/// </summary>
internal sealed class EventWriterAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, EventWriterTokens tokens)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "EventWriterToken";

    /// <summary>
    /// The credential of a request that claims to be the token of an event writer. Null when there is none.
    /// </summary>
    public static string? GetToken(HttpRequest request) =>
        request.Headers.Authorization.Count > 0
        && ApiKeyAuthenticationHandler.GetCredential(request) is { } credential
        && EventWriterTokens.HasTokenType(credential)
            ? credential
            : null;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (GetToken(Request) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }

        return await tokens.Verify(token) is { } credential
            ? AuthenticateResult.Success(new AuthenticationTicket(credential.ToPrincipal(SchemeName), SchemeName))
            : AuthenticateResult.Fail("Invalid event writer token.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return base.HandleChallengeAsync(properties);
    }
}
