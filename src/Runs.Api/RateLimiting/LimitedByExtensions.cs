using Microsoft.AspNetCore.Http.HttpResults;

namespace Runs.Api.RateLimiting;

/// <summary>The responses to requests that have reached a limit.</summary>
internal static class LimitedByExtensions
{
    /// <summary>
    /// 429 for the tenant's limit and 503 for the process's, with a text that names what was exceeded. Null when no
    /// limit was reached.
    /// </summary>
    public static ProblemHttpResult? ToProblem(this LimitedBy limit, string subject = "concurrent requests") => limit switch
    {
        LimitedBy.Tenant => Problems.TooManyRequests(subject),
        LimitedBy.Process => Problems.Overloaded(subject),
        _ => null,
    };
}
