using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Workers;

/// <summary>
/// <c>POST /agent-workers/projects/{project_reference}/workers</c>: registers a process of a worker, which gets a
/// token.
/// </summary>
internal static class RegisterWorkerEndpoint
{
    /// <summary>Register a worker</summary>
    /// <remarks>
    /// Registers a worker of the project, and creates a token for the calling process. Project, implementation and key
    /// identify the worker. When it is registered again, its other members are replaced by those of the body, and a
    /// further token is created: each process that shares a key registers itself and uses its own token. A worker that
    /// was revoked is active again; its earlier tokens stay invalid.
    ///
    /// A worker has at most 16 tokens. The next one replaces the one that was used longest ago. A token is valid for 30
    /// days after its last use. Heartbeats replace old tokens.
    /// </remarks>
    /// <response code="201">The worker is registered.</response>
    public static async Task<Results<Created<RegisterWorkerResponse>, ProblemHttpResult>> Handle(
        HttpRequest request,
        [AsParameters] ProjectRoute route,
        Caller caller,
        WorkerWriter writer,
        JsonBodyReader bodyReader,
        RequestLimits limits,
        IOptions<ApiOptions> options,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (!route.TryGetId(options.Value, out var project) || caller.Projects?.Contains(project) == false)
        {
            return Problems.ProjectNotFound();
        }

        var read = await bodyReader.Read(request, WorkerRegistration.Parse, cancellationToken);
        if (!read.IsSuccess)
        {
            return read.Problem;
        }

        // The permit is acquired after the body is read: a client that sends slowly holds none.
        using var permit = limits.Reads.Acquire(caller.Tenant);
        if (RequestLimits.ToReadProblem(permit) is { } problem)
        {
            return problem;
        }

        var registration = read.Value;
        var id = RunIds.ForWorker(caller.Tenant, project, registration.ImplementationKind, registration.WorkerKey);
        var (token, sha256) = WorkerTokenFormat.Create(id);
        var now = clock.GetUtcNow().TruncateToMilliseconds();
        var worker = await writer.Update(
            id,
            stored => registration.Apply(stored, id, caller, project, WorkerToken.Create(sha256, now), now),
            cancellationToken);
        return TypedResults.Created((string?)null, new RegisterWorkerResponse(WorkerResource.From(worker!, now), token));
    }
}
