using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Runs.Api.Authorization;

/// <summary>
/// Writes the responses to requests that failed authorization. 403 names the missing scope. A credential that could not
/// be checked gets 503, not 401.
/// </summary>
internal sealed class ScopeAuthorizationResultHandler : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _default = new();

    public Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Challenged && context.Features.Get<CredentialNotCheckedFeature>() is not null)
        {
            return Problems.CredentialNotChecked().ExecuteAsync(context);
        }

        if (authorizeResult.Forbidden && GetTokenProblem(context, authorizeResult.AuthorizationFailure) is { } problem)
        {
            return problem.ExecuteAsync(context);
        }

        if (authorizeResult.Forbidden && GetMissingScope(authorizeResult.AuthorizationFailure) is { } scope)
        {
            // RFC 6750, section 3.1
            context.Response.Headers[HeaderNames.WWWAuthenticate] = $"Bearer error=\"insufficient_scope\", scope=\"{scope}\"";
            return Problems.InsufficientScope(scope).ExecuteAsync(context);
        }

        return _default.HandleAsync(next, context, policy, authorizeResult);
    }

    private static ProblemHttpResult? GetTokenProblem(HttpContext context, AuthorizationFailure? failure) =>
        CallingWorker.IsWorker(context.User) ? Problems.WorkerTokenNotAllowed()
        : EventWriter.IsEventWriter(context.User) ? Problems.EventWriterTokenNotAllowed()
        : failure?.FailedRequirements.OfType<EventWriterRequirement>().Any() == true ? Problems.EventWriterTokenRequired()
        : failure?.FailedRequirements.OfType<WorkerRequirement>().Any() == true ? Problems.WorkerTokenRequired()
        : null;

    private static string? GetMissingScope(AuthorizationFailure? failure) =>
        failure?.FailedRequirements.ToList() is [ScopeRequirement missing] ? missing.Scope : null;
}
