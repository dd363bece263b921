using System.Diagnostics;

namespace Runs.Tests.Http;

/// <summary>A server that stops lets go of who waits.</summary>
public sealed class StoppingServer
{
    [Fact]
    public async Task Streams_end_and_long_polls_are_answered_when_the_server_stops()
    {
        var stack = new EmbeddedStack();
        await stack.InitializeAsync();
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Task(run));
        using var stream = await stack.Client.Open($"/runs/{run}/stream");
        var poll = stack.Client.Read($"/runs/{run}?wait=60");
        var read = stream.Content.ReadAsStringAsync();
        // Both are there: the poll was asked for before this was answered.
        await stack.Client.Read($"/runs/{run}");

        var watch = Stopwatch.StartNew();
        var stopping = stack.StopAsync();

        Assert.Equal("pending", (await poll)["status"].GetString());
        Assert.StartsWith(": open", await read, StringComparison.Ordinal);
        await stopping;
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
        await stack.DisposeAsync();
    }
}
