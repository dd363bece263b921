using System.Diagnostics;
using System.Text.Json;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Commands;

/// <summary>Reads streams and records the latency of each event, from the append to the read.</summary>
internal sealed class StreamReaders : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly List<Task> _readers = [];
    private readonly Lock _lock = new();
    private LatencyHistogram _latencies = new();
    private TaskCompletionSource<LatencyHistogram> _completion = new();
    private int _expected;

    /// <summary>The latencies, once all expected events have been read.</summary>
    public Task<LatencyHistogram> Completion => _completion.Task;

    /// <summary>Opens a stream on each of the runs, which have only their first event.</summary>
    public static async Task<StreamReaders> Open(HttpClient client, IEnumerable<string> runs)
    {
        var readers = new StreamReaders();
        foreach (var run in runs)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{run}/stream") { Headers = { { "Last-Event-ID", "1" } } };
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            response.EnsureSuccessStatusCode();
            readers._readers.Add(readers.ReadEvents(response));
        }

        return readers;
    }

    /// <summary>Starts a new measurement, which is complete after the given number of events.</summary>
    public void Expect(int events)
    {
        lock (_lock)
        {
            _expected = events;
            _latencies = new();
            _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await Task.WhenAll(_readers);
        _closing.Dispose();
    }

    private async Task ReadEvents(HttpResponseMessage response)
    {
        try
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(_closing.Token));
            while (await reader.ReadLineAsync(_closing.Token) is { } line)
            {
                if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    RecordLatency(JsonElement.Parse(line[6..]).GetProperty("value").GetInt64());
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The readers are closing.
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
}
