using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Publishes the outbox messages of runs soon after the write that added them.</summary>
internal interface IOutboxDispatcher
{
    /// <summary>Enqueues <paramref name="run"/>, which was just saved with messages to publish. Never waits.</summary>
    void Enqueue(Run run);
}
