using System.Diagnostics;
using System.Net.Sockets;

namespace Runs.Benchmarks.Load;

/// <summary>
/// A closed loop: each caller has its own connection and sends the next request when the last one is answered. It runs
/// on the cores that it measures, so it does as little as possible, and reports its own processor time.
/// </summary>
internal static class LoadGenerator
{
    /// <summary>
    /// The variable behind <see cref="EnableInlineCompletions"/>, which the processes that are measured must not
    /// inherit.
    /// </summary>
    public const string InlineCompletionsVariable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// Completes socket operations on the thread that polls. Takes effect only before the first socket; see .NET's
    /// SocketAsyncEngine.
    /// </summary>
    public static void EnableInlineCompletions() => Environment.SetEnvironmentVariable(InlineCompletionsVariable, "1");

    /// <summary>Applies the load, first without and then with recording.</summary>
    public static async Task<LoadResult> Run(
        LoadPlan plan,
        int callers,
        TimeSpan warmUp,
        TimeSpan window,
        CancellationToken cancellationToken)
    {
        var connections = await Task.WhenAll(
            Enumerable.Range(0, callers).Select(_ => RawHttpConnection.Connect(plan.Port, cancellationToken)));
        var cpu = Environment.CpuUsage.TotalTime;
        var begin = Stopwatch.GetTimestamp() + (long)(warmUp.TotalSeconds * Stopwatch.Frequency);
        var end = begin + (long)(window.TotalSeconds * Stopwatch.Frequency);
        var tally = new LoadTally();
        await Task.WhenAll(connections
            .Select((connection, index) => new CallerLoop(plan, tally, index, callers, begin, end).Run(connection, cancellationToken))
            .ToList());
        return tally.ToResult(window, Environment.CpuUsage.TotalTime - cpu);
    }

    private sealed class CallerLoop(LoadPlan plan, LoadTally tally, int index, int callers, long begin, long end)
    {
        private readonly Func<long, ReadOnlyMemory<byte>> _request = plan.Request.CreateRenderer();

        public async Task Run(RawHttpConnection connection, CancellationToken cancellationToken)
        {
            try
            {
                var interval = (plan.Interval?.TotalSeconds ?? 0) * Stopwatch.Frequency;
                var due = Stopwatch.GetTimestamp() + (long)(interval * index / callers); // not all at once
                while (Math.Max(Stopwatch.GetTimestamp(), due) < end)
                {
                    if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { TotalMilliseconds: > 1 } early)
                    {
                        await Task.Delay(early, cancellationToken);
                    }

                    connection = await SendNext(connection, cancellationToken);
                    due += (long)interval;
                }
            }
            finally
            {
                connection.Dispose();
            }
        }

        private async ValueTask<RawHttpConnection> SendNext(RawHttpConnection connection, CancellationToken cancellationToken)
        {
            try
            {
                var request = _request(plan.NextRunNumber(index));
                var sent = Stopwatch.GetTimestamp();
                var status = await connection.Send(request, cancellationToken);
                RecordResponse(status, sent, connection.HasRetryAfter);
                return connection;
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                tally.RecordFailure();
                connection.Dispose();
                return await RawHttpConnection.Connect(plan.Port, cancellationToken);
            }
        }

        private void RecordResponse(int status, long sent, bool hasRetryAfter)
        {
            var now = Stopwatch.GetTimestamp();
            var isMeasured = now >= begin && now <= end;
            if (status == plan.ExpectedStatus)
            {
                tally.RecordSuccess(isMeasured ? Stopwatch.GetElapsedTime(sent, now) : null);
            }
            else if (status is 429 or 503)
            {
                tally.RecordRejection(isMeasured, hasRetryAfter);
            }
            else
            {
                tally.RecordFailure();
            }
        }
    }
}
