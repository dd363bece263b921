using System.Diagnostics;

namespace Runs.Benchmarks.Load;

/// <summary>
/// A closed loop: so many callers, each with a connection of its own, each asking again once it was answered. It runs on the cores that it measures, so it does as
/// little as can be, and tells how much that was.
/// </summary>
internal static class LoadGenerator
{
    /// <summary>What is sent is answered on the thread that saw it. Has to be set before the first socket; see .NET's SocketAsyncEngine.</summary>
    public static void EnableInlineCompletions() => Environment.SetEnvironmentVariable(InlineCompletionsVariable, "1");

    /// <summary>The variable behind it, which the processes that are measured must not inherit.</summary>
    public const string InlineCompletionsVariable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Lets <paramref name="callers"/> ask for the time to warm up and then for the time to measure.</summary>
    public static async Task<LoadResult> Run(LoadPlan plan, int callers, TimeSpan warmUp, TimeSpan window, CancellationToken cancellationToken)
    {
        var connected = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => RawHttpConnection.Connect(plan.Port, cancellationToken)));
        var cpu = Environment.CpuUsage.TotalTime;
        var begin = Stopwatch.GetTimestamp() + (long)(warmUp.TotalSeconds * Stopwatch.Frequency);
        var end = begin + (long)(window.TotalSeconds * Stopwatch.Frequency);
        var loops = connected.Select((caller, index) => new CallerLoop(plan, index, callers, begin, end).Run(caller, cancellationToken)).ToList();
        var tallies = await Task.WhenAll(loops);
        return new LoadResult
        {
            Seconds = window.TotalSeconds,
            Latencies = [.. tallies.SelectMany(tally => tally.Latencies).Order()],
            SucceededTotal = tallies.Sum(tally => tally.Succeeded),
            Rejected = tallies.Sum(tally => tally.Rejected),
            RejectedWithRetryAfter = tallies.Sum(tally => tally.RejectedWithRetryAfter),
            Failed = tallies.Sum(tally => tally.Failed),
            CallerCpuSeconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds,
        };
    }

    private sealed class Tally
    {
        public List<double> Latencies { get; } = new(4096);

        public long Succeeded { get; set; }

        public long Rejected { get; set; }

        public long RejectedWithRetryAfter { get; set; }

        public long Failed { get; set; }
    }

    private sealed class CallerLoop(LoadPlan plan, int index, int callers, long begin, long end)
    {
        private readonly Tally _tally = new();
        private readonly Func<long, ReadOnlyMemory<byte>> _request = plan.Request.CreateRenderer();

        public async Task<Tally> Run(RawHttpConnection caller, CancellationToken cancellationToken)
        {
            try
            {
                var due = Stopwatch.GetTimestamp();
                due += (long)((plan.Interval?.TotalSeconds ?? 0) * Stopwatch.Frequency * index / callers); // not all at once
                while (Math.Max(Stopwatch.GetTimestamp(), due) < end)
                {
                    if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { TotalMilliseconds: > 1 } early)
                    {
                        await Task.Delay(early, cancellationToken);
                    }

                    caller = await SendNext(caller, cancellationToken);
                    due += (long)((plan.Interval?.TotalSeconds ?? 0) * Stopwatch.Frequency);
                }

                return _tally;
            }
            finally
            {
                caller.Dispose();
            }
        }

        private async ValueTask<RawHttpConnection> SendNext(RawHttpConnection caller, CancellationToken cancellationToken)
        {
            try
            {
                var request = _request(plan.NextRunNumber(index));
                var sent = Stopwatch.GetTimestamp();
                var status = await caller.Send(request, cancellationToken);
                RecordResponse(status, sent, caller.HasRetryAfter);
                return caller;
            }
            catch (Exception trouble) when (trouble is IOException or System.Net.Sockets.SocketException)
            {
                _tally.Failed++;
                caller.Dispose();
                return await RawHttpConnection.Connect(plan.Port, cancellationToken);
            }
        }

        private void RecordResponse(int status, long sent, bool saidRetryAfter)
        {
            var now = Stopwatch.GetTimestamp();
            var isMeasured = now >= begin && now <= end;
            if (status == plan.ExpectedStatus)
            {
                _tally.Succeeded++;
                if (isMeasured)
                {
                    _tally.Latencies.Add(Stopwatch.GetElapsedTime(sent, now).TotalMilliseconds);
                }
            }
            else if (status is 429 or 503)
            {
                _tally.Rejected += isMeasured ? 1 : 0;
                _tally.RejectedWithRetryAfter += isMeasured && saidRetryAfter ? 1 : 0;
            }
            else
            {
                _tally.Failed++;
            }
        }
    }
}
