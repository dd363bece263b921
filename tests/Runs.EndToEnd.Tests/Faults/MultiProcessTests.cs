namespace Runs.EndToEnd.Tests;

/// <summary>
/// The api role in two processes and the lifecycle role in a third: each process sees the changes of the others.
/// </summary>
[Collection(nameof(FaultyContainers))]
public sealed class MultiProcessTests(ContainerFixture containers) : IAsyncLifetime
{
    // Of a notification. Less than the polling interval, and than the wait of a long poll.
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);

    private ServerProcess _firstServer = null!;
    private ServerProcess _secondServer = null!;
    private ServerProcess _lifecycle = null!;

    public async Task InitializeAsync()
    {
        var (broker, store) = (await containers.CreateVirtualHost(), containers.NewDatabase());
        ServerProcess Process(string role) => new(new Dictionary<string, string?>
        {
            ["Role"] = role,
            ["ConnectionStrings:RabbitMq"] = broker,
            ["ConnectionStrings:MongoDb"] = store,
            ["Api:ChangePollingInterval"] = "00:01:00", // only a notification can be faster than MaxDelay
        });
        (_firstServer, _secondServer, _lifecycle) = (Process("api"), Process("api"), Process("lifecycle"));
        await Task.WhenAll(_firstServer.Start(), _secondServer.Start(), _lifecycle.Start());
    }

    public async Task DisposeAsync()
    {
        await _firstServer.DisposeAsync();
        await _secondServer.DisposeAsync();
        await _lifecycle.DisposeAsync();
    }

    [Fact]
    public async Task Events_appended_in_one_process_are_streamed_by_another()
    {
        var run = await _firstServer.Client.CreateRunningAgent();
        await using var stream = _secondServer.Client.ReadEvents($"/runs/{run}/stream").GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());

        await _firstServer.Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM"}]}""");
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(MaxDelay));
        Assert.Equal("CUSTOM", stream.Current.Type);
        await _firstServer.Client.Complete(run);
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(MaxDelay));
        Assert.Equal("RUN_FINISHED", stream.Current.Type);

        Assert.Equal("completed", (await _secondServer.Client.GetRun(run)).Status);
    }

    [Fact]
    public async Task A_long_poll_in_one_process_returns_a_change_made_in_another()
    {
        var run = await _firstServer.Client.CreateTask();

        var poll = _secondServer.Client.GetRun($"{run}?wait=50");
        await _firstServer.Client.Cancel(run);

        Assert.Equal("cancelled", (await poll.WaitAsync(MaxDelay)).Status);
    }

    [Fact]
    public async Task A_reader_of_a_killed_process_resumes_on_another()
    {
        var run = await _firstServer.Client.CreateRunningAgent();
        var received = new List<long>();
        await using var stream = _secondServer.Client.ReadEvents($"/runs/{run}/stream").GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        received.Add(stream.Current.Id);

        await _secondServer.Kill();
        await Assert.ThrowsAnyAsync<Exception>(async () => await stream.MoveNextAsync());
        await _firstServer.Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM"},{"type":"CUSTOM"}]}""");
        await _firstServer.Client.Complete(run);
        await foreach (var sent in _firstServer.Client.ReadEvents($"/runs/{run}/stream", $"{received[^1]}"))
        {
            received.Add(sent.Id);
        }

        Assert.Equal([1, 2, 3, 4], received);
    }
}
