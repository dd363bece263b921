namespace Runs.Store;

/// <summary>Messages of one run's outbox that have been dispatched.</summary>
/// <param name="RunId">The run's <see cref="Run.Id"/>.</param>
/// <param name="MessageIds">The ids of the dispatched messages. An id identifies one message of one run.</param>
public sealed record DispatchedMessages(Guid RunId, IReadOnlyList<Guid> MessageIds);
