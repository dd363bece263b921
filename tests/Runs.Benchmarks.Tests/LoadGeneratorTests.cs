using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Runs.Benchmarks.Load;

namespace Runs.Benchmarks.Tests;

public sealed class LoadGeneratorTests
{
    [Fact]
    public async Task A_server_that_does_not_respond_ends_the_load_with_an_error()
    {
        var response = new TaskCompletionSource();
        await using var server = await TestServer.Start(_ => response.Task);
        var plan = new LoadPlan([server.Port], RequestTemplate.Get("/runs", ""), _ => 0, ExpectedStatus: 200)
        {
            ResponseTimeout = TimeSpan.FromMilliseconds(50),
        };

        var exception = await Assert.ThrowsAsync<TimeoutException>(() => LoadGenerator.Run(
            plan, callers: 2, TimeSpan.Zero, TimeSpan.FromMilliseconds(50), CancellationToken.None));

        response.SetResult();
        Assert.Contains($"port {server.Port}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_connection_is_a_failure_and_its_caller_goes_on()
    {
        var requests = 0;
        await using var server = await TestServer.Start(context =>
        {
            if (Interlocked.Increment(ref requests) == 2)
            {
                context.Abort();
            }

            return Task.CompletedTask;
        });
        var plan = new LoadPlan([server.Port], RequestTemplate.Get("/runs", ""), _ => 0, ExpectedStatus: 200) { MaxRequests = 5 };

        var load = await LoadGenerator.Run(plan, callers: 1, TimeSpan.Zero, TimeSpan.FromMinutes(1), CancellationToken.None);

        Assert.Equal((4, 1), (load.SucceededTotal, load.Failed));
    }

    [Fact]
    public async Task Each_caller_sends_its_own_request()
    {
        var paths = new ConcurrentBag<string>();
        await using var server = await TestServer.Start(context =>
        {
            paths.Add(context.Request.Path);
            return Task.CompletedTask;
        });
        var requests = new[] { RequestTemplate.Get("/a", ""), RequestTemplate.Get("/b", "") };
        var plan = new LoadPlan([server.Port], requests[0], _ => 0, ExpectedStatus: 200)
        {
            CallerRequests = requests,
            Interval = TimeSpan.FromSeconds(1),
        };

        await LoadGenerator.Run(plan, callers: 2, TimeSpan.Zero, TimeSpan.FromSeconds(1), CancellationToken.None);

        Assert.Equal(["/a", "/b"], paths.Order());
    }

    [Fact]
    public async Task A_body_that_is_too_short_is_a_failure()
    {
        var requests = 0;
        await using var server = await TestServer.Start(context => Interlocked.Increment(ref requests) == 1
            ? context.Response.WriteAsync("""{"run":null}""")
            : WriteInChunks(context.Response, """{"run":{"run_id":"run_a"}}"""));
        var plan = new LoadPlan([server.Port], RequestTemplate.Get("/claim", ""), _ => 0, ExpectedStatus: 200)
        {
            MaxRequests = 3,
            MinResponseBytes = 20,
        };

        var load = await LoadGenerator.Run(plan, callers: 1, TimeSpan.Zero, TimeSpan.FromMinutes(1), CancellationToken.None);

        Assert.Equal((2, 1), (load.SucceededTotal, load.Failed));
    }

    [Fact]
    public async Task A_load_that_is_stopped_abandons_its_requests()
    {
        var never = new TaskCompletionSource();
        var requests = 0;
        using var stop = new CancellationTokenSource();
        await using var server = await TestServer.Start(async _ =>
        {
            if (Interlocked.Increment(ref requests) > 3)
            {
                await stop.CancelAsync();
                await never.Task;
            }
        });
        var plan = new LoadPlan([server.Port], RequestTemplate.Get("/poll", ""), _ => 0, ExpectedStatus: 200) { Stop = stop.Token };

        var load = await LoadGenerator.Run(plan, callers: 1, TimeSpan.Zero, TimeSpan.FromMinutes(1), CancellationToken.None);

        never.SetResult();
        Assert.Equal((3, 0), (load.SucceededTotal, load.Failed));
    }

    private static async Task WriteInChunks(HttpResponse response, string text)
    {
        foreach (var part in text.Chunk(10))
        {
            await response.WriteAsync(new string(part));
            await response.Body.FlushAsync();
        }
    }
}
