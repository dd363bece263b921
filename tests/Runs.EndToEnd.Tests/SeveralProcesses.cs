namespace Runs.EndToEnd.Tests;

/// <summary>The api role in two processes and the lifecycle in a third: what one does the others know.</summary>
[Collection(nameof(Containers))]
public sealed class SeveralProcesses(Containers containers) : IAsyncLifetime
{
    private ServerProcess _one = null!;
    private ServerProcess _other = null!;
    private ServerProcess _lifecycle = null!;

    public async Task InitializeAsync()
    {
        var (broker, store) = (await containers.NewVirtualHost(), containers.NewDatabase());
        ServerProcess Process(string role) => new(new Dictionary<string, string?>
        {
            ["Role"] = role,
            ["ConnectionStrings:RabbitMq"] = broker,
            ["ConnectionStrings:MongoDb"] = store,
            ["Api:CatchUpInterval"] = "00:01:00", // what is heard sooner was told
        });
        (_one, _other, _lifecycle) = (Process("api"), Process("api"), Process("lifecycle"));
        await Task.WhenAll(_one.Start(), _other.Start(), _lifecycle.Start());
    }

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _other.DisposeAsync();
        await _lifecycle.DisposeAsync();
    }

    [Fact]
    public async Task What_is_appended_in_one_process_is_streamed_by_the_other()
    {
        var run = (await _one.Client.Create(Calls.Agent(request: new { agent_id = "writer", initial_status = "running" }))).GetProperty("run").GetProperty("run_id").GetString()!;
        await using var stream = _other.Client.Events($"/runs/{run}/stream").GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());

        await _one.Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM"}]}""");
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal("CUSTOM", stream.Current.Type);
        await _one.Client.Post($"/runs/{run}/complete", new { status = "completed" });
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal("RUN_FINISHED", stream.Current.Type);

        Assert.Equal("completed", (await _other.Client.Read($"/runs/{run}"))["status"].GetString());
    }

    [Fact]
    public async Task A_long_poll_in_one_process_hears_of_a_change_made_through_the_other()
    {
        var run = (await _one.Client.Create(Calls.Task())).GetProperty("run").GetProperty("run_id").GetString()!;

        var poll = _other.Client.Read($"/runs/{run}?wait=50");
        await _one.Client.Post($"/runs/{run}/cancel");

        Assert.Equal("cancelled", (await poll.WaitAsync(TimeSpan.FromSeconds(20)))["status"].GetString());
    }

    [Fact]
    public async Task A_reader_whose_process_is_killed_goes_on_with_the_other()
    {
        var run = (await _one.Client.Create(Calls.Agent(request: new { agent_id = "writer", initial_status = "running" }))).GetProperty("run").GetProperty("run_id").GetString()!;
        var heard = new List<long>();
        await using var stream = _other.Client.Events($"/runs/{run}/stream").GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        heard.Add(stream.Current.Id);

        await _other.Kill();
        await Assert.ThrowsAnyAsync<Exception>(async () => await stream.MoveNextAsync());
        await _one.Client.Post($"/runs/{run}/events", """{"events":[{"type":"CUSTOM"},{"type":"CUSTOM"}]}""");
        await _one.Client.Post($"/runs/{run}/complete", new { status = "completed" });
        await foreach (var sent in _one.Client.Events($"/runs/{run}/stream", $"{heard[^1]}"))
        {
            heard.Add(sent.Id);
        }

        Assert.Equal([1, 2, 3, 4], heard);
    }
}
