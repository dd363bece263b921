using System.Diagnostics;
using System.Text.Json;

namespace Runs.Benchmarks.Commands;

/// <summary>Readers of streams who note how long each event was under way.</summary>
internal sealed class StreamReaders : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly List<Task> _readers = [];
    private readonly Lock _lock = new();
    private List<double> _latencies = [];
    private TaskCompletionSource<IReadOnlyList<double>> _completion = new();
    private int _expected;

    /// <summary>The latencies in milliseconds, once all expected events have come.</summary>
    public Task<IReadOnlyList<double>> Completion => _completion.Task;

    /// <summary>Opens a stream on each of <paramref name="runs"/>, which have begun and no more.</summary>
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

    public void Expect(int events)
    {
        lock (_lock)
        {
            (_expected, _latencies, _completion) = (events, [], new(TaskCreationOptions.RunContinuationsAsynchronously));
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
            // closed
        }
        finally
        {
            response.Dispose();
        }
    }

    private void RecordLatency(long sentTimestamp)
    {
        var latency = Stopwatch.GetElapsedTime(sentTimestamp).TotalMilliseconds;
        lock (_lock)
        {
            _latencies.Add(latency);
            if (_latencies.Count == _expected)
            {
                _completion.TrySetResult(_latencies);
            }
        }
    }
}
