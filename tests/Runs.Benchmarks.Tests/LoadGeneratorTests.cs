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
}
