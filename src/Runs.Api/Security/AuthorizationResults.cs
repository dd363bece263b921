using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Net.Http.Headers;

namespace Runs.Api.Security;

/// <summary>Answers calls that authorization stopped: 403 names the missing scope, and a credential that could not be checked is 503, not 401.</summary>
internal sealed class AuthorizationResults : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _default = new();

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Challenged && context.Features.Get<UncheckedCredential>() is not null)
        {
            return Problems.CredentialNotChecked().ExecuteAsync(context);
        }

        if (authorizeResult.Forbidden && MissingScope(authorizeResult.AuthorizationFailure) is { } scope)
        {
            context.Response.Headers[HeaderNames.WWWAuthenticate] = $"Bearer error=\"insufficient_scope\", scope=\"{scope}\""; // RFC 6750, section 3.1
            return Problems.InsufficientScope(scope).ExecuteAsync(context);
        }

        return _default.HandleAsync(next, context, policy, authorizeResult);
    }

    private static string? MissingScope(AuthorizationFailure? failure) => failure?.FailedRequirements.ToList() is [ScopeRequirement missing] ? missing.Scope : null;
}

/// <summary>Marks a call whose credential could not be checked, because what knows it does not answer.</summary>
internal sealed class UncheckedCredential;
