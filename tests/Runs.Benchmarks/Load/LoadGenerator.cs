using System.Diagnostics;
using System.Net.Sockets;

namespace Runs.Benchmarks.Load;

/// <summary>
/// Callers that each have their own connection and send one request at a time: the next one when the last one is
/// answered, or at an even pace. It runs on the cores that it measures, so it does as little as possible, and reports
/// its own processor time.
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

    /// <summary>
    /// Applies the load, first without and then with recording, until the end of the window or of the plan's requests.
    /// </summary>
    /// <exception cref="TimeoutException">A response did not come within the plan's time after the end.</exception>
    public static Task<LoadResult> Run(
        LoadPlan plan,
        int callers,
        TimeSpan warmUp,
        TimeSpan window,
        CancellationToken cancellationToken) => TimeLimit.Run(
            warmUp + window + plan.ResponseTimeout,
            $"A load on port {string.Join(", ", plan.Ports)}",
            timeout => RunCallers(plan, callers, warmUp, window, timeout),
            cancellationToken);

    private static async Task<LoadResult> RunCallers(
        LoadPlan plan,
        int callers,
        TimeSpan warmUp,
        TimeSpan window,
        CancellationToken cancellationToken)
    {
        var connections = await Task.WhenAll(
            Enumerable.Range(0, callers).Select(caller => RawHttpConnection.Connect(GetPort(plan, caller), cancellationToken)));
        var cpu = Environment.CpuUsage.TotalTime;
        var begin = Stopwatch.GetTimestamp() + (long)(warmUp.TotalSeconds * Stopwatch.Frequency);
        var end = begin + (long)(window.TotalSeconds * Stopwatch.Frequency);
        var (tally, budget) = (new LoadTally(), new RequestBudget(plan.MaxRequests));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, plan.Stop);
        await Task.WhenAll(connections
            .Select((connection, index) =>
                new CallerLoop(plan, tally, budget, index, callers, begin, end).Run(connection, ending.Token))
            .ToList());
        var measured = Stopwatch.GetElapsedTime(begin);
        return tally.ToResult(measured < window ? measured : window, Environment.CpuUsage.TotalTime - cpu);
    }

    private static int GetPort(LoadPlan plan, int caller) => plan.Ports[caller % plan.Ports.Count];

    private sealed class CallerLoop(
        LoadPlan plan,
        LoadTally tally,
        RequestBudget budget,
        int index,
        int callers,
        long begin,
        long end)
    {
        private readonly RequestTemplate.Renderer _request =
            (plan.CallerRequests?[index] ?? plan.Request).CreateRenderer();

        public async Task Run(RawHttpConnection connection, CancellationToken cancellationToken)
        {
            try
            {
                var interval = (plan.Interval?.TotalSeconds ?? 0) * Stopwatch.Frequency;
                var due = Stopwatch.GetTimestamp() + (long)(interval * index / callers); // not all at once
                while (Math.Max(Stopwatch.GetTimestamp(), due) < end && budget.TryTake())
                {
                    if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { TotalMilliseconds: > 1 } early)
                    {
                        await Task.Delay(early, cancellationToken);
                    }

                    connection = await SendNext(connection, due, cancellationToken);
                    due += (long)interval;
                }
            }
            catch (OperationCanceledException) when (plan.Stop.IsCancellationRequested)
            {
                // The request under way is abandoned.
            }
            finally
            {
                connection.Dispose();
            }
        }

        private async ValueTask<RawHttpConnection> SendNext(
            RawHttpConnection connection,
            long due,
            CancellationToken cancellationToken)
        {
            try
            {
                var sent = plan.IncludesSendDelay ? due : Stopwatch.GetTimestamp();
                var request = _request.Render(plan.NextRunNumber(index), sent);
                var status = await connection.Send(request, cancellationToken);
                RecordResponse(status, sent, connection);
                return connection;
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                tally.RecordFailure();
                connection.Dispose();
                return await RawHttpConnection.Connect(GetPort(plan, index), cancellationToken);
            }
        }

        private void RecordResponse(int status, long sent, RawHttpConnection connection)
        {
            var now = Stopwatch.GetTimestamp();
            var isMeasured = now >= begin && now <= end;
            if (status == plan.ExpectedStatus && connection.ResponseBytes >= plan.MinResponseBytes)
            {
                tally.RecordSuccess(isMeasured ? Stopwatch.GetElapsedTime(sent, now) : null);
            }
            else if (status is 429 or 503)
            {
                tally.RecordRejection(isMeasured, connection.HasRetryAfter);
            }
            else
            {
                tally.RecordFailure();
            }
        }
    }
}
