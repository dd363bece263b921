using Microsoft.AspNetCore.Diagnostics;
using Runs.Store;

namespace Runs.Api.Http;

/// <summary>
/// Maps exceptions to problem responses; the only place that does so. An unmapped exception is a bug: 500, without
/// detail.
/// </summary>
internal sealed class ApiExceptionHandler : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            StoreUnavailableException { NothingWritten: true, IsArchiveFull: true, IsTenantShareUsed: var isTenantShareUsed } =>
                isTenantShareUsed
                    ? Problems.TooManyRequests("events waiting for the archive")
                    : Problems.Overloaded("events waiting for the archive"),
            StoreUnavailableException { NothingWritten: true } when HttpMethods.IsPost(httpContext.Request.Method) =>
                Problems.StoreNotWritable(GetRunId(httpContext)),
            StoreUnavailableException => Problems.StoreUnavailable(),
            BadHttpRequestException badRequest => Problems.FromBadRequest(badRequest),
            _ => null,
        };
        if (problem is null)
        {
            return false;
        }

        await problem.ExecuteAsync(httpContext);
        return true;
    }

    // The exception handler middleware has cleared the request's route values.
    private static string? GetRunId(HttpContext http) =>
        http.Features.Get<IExceptionHandlerFeature>()?.RouteValues?["run_id"] as string;
}
