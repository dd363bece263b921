using System.Net;
using Runs.Client.Http;
using Runs.Contracts;

namespace Runs.Client;

/// <summary>Creates the exception of an error response.</summary>
internal static class RunsErrors
{
    // Problems of these codes and statuses may have had an effect; all others had none.
    private static readonly HashSet<string> UnknownOutcomes = ["OUTCOME_UNKNOWN", "NOT_DISPATCHED", RejectionCodes.StoreUnavailable];

    public static RunsException Create(HttpStatusCode status, Problem problem, ApiRequest call)
    {
        var detail = problem.Detail ?? $"The server answered {(int)status}.";
        var runId = call.RunId ?? problem.RunId;
        if (problem.Code == RejectionCodes.AttemptLost)
        {
            return new AttemptLostException(detail) { Status = status, Code = problem.Code, RunId = runId };
        }

        if (problem.Code == RejectionCodes.RunNotFound)
        {
            return new RunNotFoundException(detail) { Status = status, Code = problem.Code, RunId = runId };
        }

        return (int)status switch
        {
            409 => new RunConflictException(detail) { Status = status, Code = problem.Code, RunId = runId },
            408 or 429 or >= 500 => new RunsUnavailableException(detail)
            {
                Status = status,
                Code = problem.Code,
                RunId = runId,
                IsOutcomeUnknown = call.Method != HttpMethod.Get
                    && (problem.Code is null ? (int)status >= 500 : UnknownOutcomes.Contains(problem.Code)),
            },
            _ => new RunsException(detail) { Status = status, Code = problem.Code, RunId = runId },
        };
    }
}
