using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>A candidate that was assigned to one waiting claim.</summary>
/// <param name="Queue">The pool in which it was found.</param>
/// <param name="Candidate">The candidate.</param>
internal sealed record AssignedCandidate(ClaimQueue Queue, ClaimCandidate Candidate);
