using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;

namespace Runs.EndToEnd.Tests;

/// <summary>A container that does not start says why.</summary>
public sealed class ContainerStartTests
{
    private const string Reason = "refused: kernel 7.0.0";

    [Fact]
    public async Task A_container_that_ends_shows_its_last_lines()
    {
        await using var container = Container($"echo {Reason} >&2; exit 14");

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => container.StartOrShowLog());

        Tells(failure);
    }

    [Fact]
    public async Task A_container_that_is_not_ready_in_time_shows_its_last_lines()
    {
        await using var container = Container($"echo {Reason}; sleep 600");
        using var waiting = new CancellationTokenSource();

        var start = container.StartOrShowLog(waiting.Token);
        await Eventually.Succeeds(async () => Assert.Contains(Reason, (await container.GetLogsAsync()).Stdout, StringComparison.Ordinal), TimeSpan.FromMinutes(2));
        await waiting.CancelAsync();

        Tells(await Assert.ThrowsAsync<InvalidOperationException>(() => start));
    }

    private static IContainer Container(string script) => new ContainerBuilder(Images.RabbitMq)
        .WithEntrypoint("bash", "-c", script)
        .WithWaitStrategy(Wait.ForUnixContainer().UntilMessageIsLogged("it is ready"))
        .Build();

    private static void Tells(InvalidOperationException failure)
    {
        Assert.Contains(Images.RabbitMq, failure.Message, StringComparison.Ordinal);
        Assert.Contains(Reason, failure.Message, StringComparison.Ordinal);
    }
}
