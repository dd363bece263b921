using System.Net.Mime;
using Microsoft.AspNetCore.WebUtilities;

namespace Runs.Api.Http;

/// <summary>
/// Writes every problem, the API's and the framework's, as problem details (RFC 9457). The framework's own writer omits
/// the body when the request does not accept it, such as that of a browser's <c>EventSource</c>, which accepts
/// <c>text/event-stream</c> only.
/// </summary>
internal sealed class ProblemDetailsWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails);
        problem.Status ??= http.Response.StatusCode;
        problem.Title ??= ReasonPhrases.GetReasonPhrase(problem.Status.Value);
        problem.Extensions["trace_id"] = Caller.GetTraceId(http);
        Problems.ApplyDefaults(context);
        return new ValueTask(http.Response.WriteAsJsonAsync(
            problem, problem.GetType(), options: null, MediaTypeNames.Application.ProblemJson));
    }
}
