using System.Globalization;
using Runs.Contracts;

namespace Runs.Api.Commands;

/// <summary>The saga's reply to a command that it did not reject, and how long the caller waited for it.</summary>
internal readonly record struct CommandReply(RunSnapshot Snapshot, TimeSpan Elapsed)
{
    /// <summary>
    /// The durations for the header <c>Server-Timing</c>, in milliseconds: outside the saga (waiting for a batch, in
    /// the broker, and for the reply), in the saga without the store, in the store, and in total.
    /// </summary>
    public string GetServerTiming()
    {
        var (queue, saga, store, total) = GetDurations();
        return string.Create(
            CultureInfo.InvariantCulture, $"queue;dur={queue:0.00}, saga;dur={saga:0.00}, store;dur={store:0.00}, total;dur={total:0.00}");
    }

    /// <summary>The same durations, in milliseconds.</summary>
    public (double Queue, double Saga, double Store, double Total) GetDurations()
    {
        var total = Elapsed.TotalMilliseconds;
        return (Math.Max(0, total - Snapshot.SagaMs), Snapshot.SagaMs - Snapshot.StoreMs, Snapshot.StoreMs, total);
    }
}
