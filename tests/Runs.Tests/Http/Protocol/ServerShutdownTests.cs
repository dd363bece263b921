using System.Diagnostics;

namespace Runs.Tests.Http;

/// <summary>A server that shuts down ends the requests that wait.</summary>
public sealed class ServerShutdownTests
{
    [Fact]
    public async Task Shutdown_ends_streams_and_answers_long_polls()
    {
        var application = new EmbeddedApplication();
        await application.InitializeAsync();
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));
        using var stream = await application.Client.OpenStream($"/runs/{run}/stream");
        var poll = application.Client.GetRun($"{run}?wait=60");
        var read = stream.Content.ReadAsStringAsync();
        // Its response shows that the server has received the stream and the poll, too.
        await application.Client.GetRun(run);

        var watch = Stopwatch.StartNew();
        var stopping = application.StopAsync();

        Assert.Equal("pending", (await poll).Status);
        Assert.StartsWith(": open", await read, StringComparison.Ordinal);
        await stopping;
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
        await application.DisposeAsync();
    }
}
