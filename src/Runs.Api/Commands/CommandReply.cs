using System.Globalization;
using Runs.Contracts;

namespace Runs.Api.Commands;

/// <summary>The saga's reply to a command that it did not reject, and how long the caller waited for it.</summary>
internal readonly record struct CommandReply(RunSnapshot Snapshot, TimeSpan Elapsed)
{
    /// <summary>
    /// The durations for the header <c>Server-Timing</c>, in milliseconds: in the broker's queue, in the saga, in the
    /// store, and in total.
    /// </summary>
    public string GetServerTiming()
    {
        var total = Elapsed.TotalMilliseconds;
        var queue = Math.Max(0, total - Snapshot.SagaMs);
        var saga = Snapshot.SagaMs - Snapshot.StoreMs;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"queue;dur={queue:0.00}, saga;dur={saga:0.00}, store;dur={Snapshot.StoreMs:0.00}, total;dur={total:0.00}");
    }
}
