using System.Diagnostics;
using System.Globalization;
using System.Net;
using Runs.Benchmarks.Load;

namespace Runs.Benchmarks.Tests;

public sealed class StreamReadersTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private static string Event =>
        $$"""data: {"sent":"{{Stopwatch.GetTimestamp().ToString("x16", CultureInfo.InvariantCulture)}}"}""" + "\n\n";

    [Fact]
    public async Task Expected_events_complete_a_measurement()
    {
        var stream = new TestStream();
        using var client = CreateClient(stream);
        await using var readers = await StreamReaders.Open(client, ["run_1"], CancellationToken.None);
        readers.Expect(2);

        await stream.Write(Event + Event);
        var latencies = await readers.WaitForEvents(Timeout, CancellationToken.None);

        Assert.Equal((2, 0), (latencies.Count, readers.Failed));
    }

    [Fact]
    public async Task A_stream_that_ends_early_fails_the_wait_for_its_events()
    {
        var stream = new TestStream();
        using var client = CreateClient(stream);
        await using var readers = await StreamReaders.Open(client, ["run_1"], CancellationToken.None);
        readers.Expect(2);
        await stream.Write(Event);

        stream.End();
        var exception = await Assert.ThrowsAsync<IOException>(() => readers.WaitForEvents(Timeout, CancellationToken.None));

        Assert.Contains("run_1", exception.Message, StringComparison.Ordinal);
        Assert.Equal(1, readers.Failed);
    }

    [Fact]
    public async Task A_stream_that_broke_before_a_measurement_fails_it()
    {
        var stream = new TestStream();
        using var client = CreateClient(stream);
        await using var readers = await StreamReaders.Open(client, ["run_1"], CancellationToken.None);
        stream.Break();

        readers.Expect(1);
        var exception = await Assert.ThrowsAsync<IOException>(() => readers.WaitForEvents(Timeout, CancellationToken.None));

        Assert.Contains("broke", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_stream_ends_the_wait_after_its_timeout()
    {
        using var client = CreateClient(new TestStream());
        await using var readers = await StreamReaders.Open(client, ["run_1"], CancellationToken.None);
        readers.Expect(1);

        await Assert.ThrowsAsync<TimeoutException>(
            () => readers.WaitForEvents(TimeSpan.FromMilliseconds(50), CancellationToken.None));
    }

    private static HttpClient CreateClient(TestStream stream) =>
        new(new TestHandler(stream)) { BaseAddress = new Uri("http://127.0.0.1") };

    private sealed class TestHandler(TestStream stream) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(stream.Reader) });
    }
}
