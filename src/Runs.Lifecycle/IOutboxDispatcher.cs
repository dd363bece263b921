using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Sends what runs' outboxes hold, soon after the write that recorded it.</summary>
internal interface IOutboxDispatcher
{
    /// <summary>Takes <paramref name="run"/>, which was just written with messages to send. Never waits.</summary>
    void Offer(Run run);
}
