using System.Security.Claims;
using Runs.Store;

namespace Runs.Api.Authentication;

/// <summary>The worker that calls with its token.</summary>
/// <param name="Id">The worker's id.</param>
/// <param name="ProjectId">The project that it belongs to.</param>
/// <param name="ImplementationKind">The implementation whose runs it may claim.</param>
/// <param name="WorkerKey">Its key within the project and the implementation.</param>
/// <param name="TokenSha256">The hash of the token that was used.</param>
internal sealed record CallingWorker(Guid Id, string ProjectId, string ImplementationKind, string WorkerKey, string TokenSha256)
{
    private const string IdClaim = "workerId";
    private const string ProjectClaim = "workerProject";
    private const string ImplementationKindClaim = "implementationKind";
    private const string WorkerKeyClaim = "workerKey";
    private const string TokenClaim = "workerToken";

    /// <summary>The text by which runs name this worker as the owner of their lease.</summary>
    public string LeaseOwner => Worker.GetLeaseOwner(Id);

    /// <summary>Whether the principal is a worker.</summary>
    public static bool IsWorker(ClaimsPrincipal user) => user.HasClaim(claim => claim.Type == IdClaim);

    /// <summary>The worker of a principal; null when it is none.</summary>
    public static CallingWorker? From(ClaimsPrincipal user)
    {
        return user.FindFirstValue(IdClaim) is { } id
            ? new CallingWorker(
                Guid.Parse(id), Read(ProjectClaim), Read(ImplementationKindClaim), Read(WorkerKeyClaim), Read(TokenClaim))
            : null;

        string Read(string claim) => user.FindFirstValue(claim)!;
    }

    /// <summary>Adds the claims that <see cref="From"/> reads.</summary>
    public void AddClaims(ClaimsIdentity identity) => identity.AddClaims(
    [
        new Claim(IdClaim, Id.ToString()),
        new Claim(ProjectClaim, ProjectId),
        new Claim(ImplementationKindClaim, ImplementationKind),
        new Claim(WorkerKeyClaim, WorkerKey),
        new Claim(TokenClaim, TokenSha256),
    ]);
}
