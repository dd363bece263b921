using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Load;

/// <summary>
/// Reads streams and records the latency of each event that has a member <c>sent</c>: from that time, a timestamp of
/// <see cref="Stopwatch"/> in sixteen hexadecimal digits, to the read.
/// </summary>
internal sealed class StreamReaders : IAsyncDisposable
{
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _closing = new();
    private readonly List<Task> _readers = [];
    private readonly Lock _lock = new();
    private LatencyHistogram _latencies = new();
    private TaskCompletionSource<LatencyHistogram> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _expected;
    private Exception? _failure;
    private int _failed;

    /// <summary>The streams that broke, or that the server ended, since they were opened.</summary>
    public int Failed
    {
        get
        {
            lock (_lock)
            {
                return _failed;
            }
        }
    }

    /// <summary>Opens a stream on each of the runs.</summary>
    /// <exception cref="TimeoutException">The server does not answer the request for a stream.</exception>
    public static async Task<StreamReaders> Open(HttpClient client, IEnumerable<string> runs, CancellationToken cancellationToken)
    {
        var readers = new StreamReaders();
        try
        {
            foreach (var run in runs)
            {
                var response = await TimeLimit.Run(
                    OpenTimeout, $"The request for the stream of {run}", timeout => SendRequest(client, run, timeout), cancellationToken);
                readers._readers.Add(readers.ReadEvents(run, response));
            }
        }
        catch
        {
            await readers.DisposeAsync();
            throw;
        }

        return readers;
    }

    /// <summary>Starts a new measurement.</summary>
    /// <param name="events">The events after which <see cref="WaitForEvents"/> returns.</param>
    public void Expect(int events)
    {
        lock (_lock)
        {
            _expected = events;
            _latencies = new();
            _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Waits until all expected events have been read.</summary>
    /// <returns>Their latencies.</returns>
    /// <exception cref="IOException">A stream broke or ended, so that not all events will come.</exception>
    /// <exception cref="TimeoutException">Not all events came in time.</exception>
    public async Task<LatencyHistogram> WaitForEvents(TimeSpan timeout, CancellationToken cancellationToken)
    {
        Task<LatencyHistogram> completion;
        lock (_lock)
        {
            FailCompletion();
            completion = _completion.Task;
        }

        return await TimeLimit.Run(timeout, $"The wait for {_expected} events", completion.WaitAsync, cancellationToken);
    }

    /// <summary>The latencies since the start of the measurement. Starts a new one.</summary>
    public LatencyHistogram TakeLatencies()
    {
        lock (_lock)
        {
            var latencies = _latencies;
            _latencies = new();
            return latencies;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await Task.WhenAll(_readers);
        _closing.Dispose();
    }

    private static async Task<HttpResponseMessage> SendRequest(HttpClient client, string run, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{run}/stream");
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return response.EnsureSuccessStatusCode();
    }

    private async Task ReadEvents(string run, HttpResponseMessage response)
    {
        try
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(_closing.Token));
            while (await reader.ReadLineAsync(_closing.Token) is { } line)
            {
                if (line.StartsWith("data: ", StringComparison.Ordinal)
                    && JsonElement.Parse(line[6..]).TryGetProperty("sent", out var sent))
                {
                    RecordLatency(long.Parse(sent.GetString()!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                }
            }

            RecordFailure(new IOException($"The server has ended the stream of {run}."));
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The readers are closing.
        }
        catch (Exception exception)
        {
            RecordFailure(new IOException($"The stream of {run} broke.", exception));
        }
        finally
        {
            response.Dispose();
        }
    }

    private void RecordLatency(long sentTimestamp)
    {
        var latency = Stopwatch.GetElapsedTime(sentTimestamp);
        lock (_lock)
        {
            _latencies.Record(latency);
            if (_latencies.Count == _expected)
            {
                _completion.TrySetResult(_latencies);
            }
        }
    }

    private void RecordFailure(Exception failure)
    {
        lock (_lock)
        {
            _failed++;
            _failure ??= failure;
            FailCompletion();
        }
    }

    // Has no effect on a measurement that is complete.
    private void FailCompletion()
    {
        if (_failure is { } failure && _expected > 0)
        {
            _completion.TrySetException(failure);
        }
    }
}
