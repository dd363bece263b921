using Microsoft.AspNetCore.Diagnostics;
using Runs.Store;

namespace Runs.Api;

/// <summary>The one place where exceptions become answers. What is not known here is a bug: 500, without detail.</summary>
internal sealed class Trouble : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            StoreUnavailableException { NothingWritten: true, IsArchiveFull: true } => Problems.Overloaded("events wait for the archive"),
            StoreUnavailableException { NothingWritten: true } when HttpMethods.IsPost(httpContext.Request.Method) => Problems.NothingStored(httpContext.GetRouteValue("run_id") as string),
            StoreUnavailableException => Problems.StoreUnavailable(),
            BadHttpRequestException unreadable => Problems.BadRequest(unreadable),
            OperationCanceledException when httpContext.RequestAborted.IsCancellationRequested => Problems.NotJson("The request was given up."),
            _ => null,
        };
        if (problem is null)
        {
            return false;
        }

        await problem.ExecuteAsync(httpContext);
        return true;
    }
}
