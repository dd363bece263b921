using System.Diagnostics;
using System.Net.Mime;
using Microsoft.AspNetCore.WebUtilities;

namespace Runs.Api;

/// <summary>
/// Writes every problem, ours and the framework's, in the one form that there is (RFC 9457). The framework's own writer leaves a refusal without it to who accepts
/// something else only: a browser's event source asks for <c>text/event-stream</c>.
/// </summary>
internal sealed class ProblemWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails);
        problem.Status ??= http.Response.StatusCode;
        problem.Title ??= ReasonPhrases.GetReasonPhrase(problem.Status.Value);
        problem.Extensions["trace_id"] = Activity.Current?.Id ?? http.TraceIdentifier;
        Problems.Complete(context);
        return new ValueTask(http.Response.WriteAsJsonAsync(problem, problem.GetType(), options: null, MediaTypeNames.Application.ProblemJson));
    }
}
