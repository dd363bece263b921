namespace Runs.Api.Workers;

/// <summary>The response to a registration.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Token">
/// The token of this process, <c>vfw_…</c>. It is shown only here: its hash is stored, and a token that is lost cannot
/// be read again.
/// </param>
public sealed record RegisterWorkerResponse(WorkerResource Worker, string Token);
