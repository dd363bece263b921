using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;

namespace Runs.EndToEnd.Tests;

/// <summary>A container that does not start says why.</summary>
public sealed class ContainerStartTests
{
    private const string ExpectedLine = "refused: kernel 7.0.0";

    [Fact]
    public async Task A_container_that_exits_reports_its_last_log_lines()
    {
        await using var container = Container($"echo {ExpectedLine} >&2; exit 14");

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => container.StartOrThrowWithLog());

        AssertMessage(failure);
    }

    [Fact]
    public async Task A_container_that_is_not_ready_in_time_reports_its_last_log_lines()
    {
        await using var container = Container($"echo {ExpectedLine}; sleep 600");
        using var waiting = new CancellationTokenSource();

        var start = container.StartOrThrowWithLog(waiting.Token);
        await Eventually.Succeeds(
            async () => Assert.Contains(ExpectedLine, (await container.GetLogsAsync()).Stdout, StringComparison.Ordinal),
            TimeSpan.FromMinutes(2));
        await waiting.CancelAsync();

        AssertMessage(await Assert.ThrowsAsync<InvalidOperationException>(() => start));
    }

    private static IContainer Container(string script) => new ContainerBuilder(ContainerImages.RabbitMq)
        .WithEntrypoint("bash", "-c", script)
        .WithWaitStrategy(Wait.ForUnixContainer().UntilMessageIsLogged("it is ready"))
        .Build();

    private static void AssertMessage(InvalidOperationException failure)
    {
        Assert.Contains(ContainerImages.RabbitMq, failure.Message, StringComparison.Ordinal);
        Assert.Contains(ExpectedLine, failure.Message, StringComparison.Ordinal);
    }
}
