using DotNet.Testcontainers.Builders;

namespace Runs.EndToEnd.Tests;

/// <summary>A container that does not start says why.</summary>
public sealed class ContainerStartTests
{
    [Theory]
    [InlineData("echo refused: kernel 7.0.0 >&2; exit 14", 60)]
    [InlineData("echo refused: kernel 7.0.0; sleep 60", 15)]
    public async Task The_last_lines_of_a_container_that_does_not_start_are_shown(string script, int limitInSeconds)
    {
        await using var container = new ContainerBuilder(Images.RabbitMq)
            .WithEntrypoint("bash", "-c", script)
            .WithWaitStrategy(Wait.ForUnixContainer().UntilMessageIsLogged("it is ready"))
            .Build();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => container.StartOrShowLog(TimeSpan.FromSeconds(limitInSeconds)));

        Assert.Contains(Images.RabbitMq, failure.Message, StringComparison.Ordinal);
        Assert.Contains("refused: kernel 7.0.0", failure.Message, StringComparison.Ordinal);
    }
}
