using System.Diagnostics;

namespace Runs.Tests.Http;

/// <summary>A server that stops lets go of who waits.</summary>
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
        var poll = application.Client.Get($"/runs/{run}?wait=60");
        var read = stream.Content.ReadAsStringAsync();
        // Both are there: the poll was asked for before this was answered.
        await application.Client.Get($"/runs/{run}");

        var watch = Stopwatch.StartNew();
        var stopping = application.StopAsync();

        Assert.Equal("pending", (await poll)["status"].GetString());
        Assert.StartsWith(": open", await read, StringComparison.Ordinal);
        await stopping;
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
        await application.DisposeAsync();
    }
}
