using Runs.Store;

namespace Runs.Api.Authentication;

/// <summary>Looks up workers in the store by their id, without their metadata and targets.</summary>
internal sealed class WorkerLookup(IWorkerStore store)
    : BatchedLookup<Guid, Worker>("workers", store.FindWithoutDetails, worker => worker.Id);
