using MongoDB.Driver;

namespace Runs.Store.Mongo;

/// <summary>A conditional update of a run that waits for its batch.</summary>
/// <param name="RunId">The run's <see cref="Run.Id"/>.</param>
/// <param name="Token">Identifies this update in the stored run: <see cref="Run.LatestWriteToken"/>.</param>
/// <param name="Expected">The version of the run and its log before this update.</param>
/// <param name="Result">The version of the run and its log after this update.</param>
/// <param name="Model">Changes the run while it and its log are unchanged.</param>
internal sealed record PendingUpdate(Guid RunId, Guid Token, RunVersion Expected, RunVersion Result, WriteModel<Run> Model);
