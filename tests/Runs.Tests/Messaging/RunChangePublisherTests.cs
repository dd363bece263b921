using MassTransit;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Runs.Tests.Messaging;

/// <summary>Other processes are notified of the first append at once, and of those that follow together.</summary>
public sealed class RunChangePublisherTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task The_first_notification_is_published_at_once_and_those_of_the_next_interval_in_one_message()
    {
        var (first, second, third) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await using var provider = new ServiceCollection().AddMassTransitTestHarness().BuildServiceProvider(true);
        var harness = provider.GetTestHarness();
        await harness.Start();
        using var publisher = new RunChangePublisher(harness.Bus, _clock, NullLogger<RunChangePublisher>.Instance);
        await publisher.StartAsync(default);

        publisher.Enqueue(first);
        await Eventually.Holds(() => Task.FromResult(GetPublished(harness).Count == 1));
        publisher.Enqueue(second);
        publisher.Enqueue(third);
        publisher.Enqueue(second);
        await Eventually.Holds(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(10));
            return Task.FromResult(GetPublished(harness).Count == 2);
        });
        await publisher.StopAsync(default);

        var published = GetPublished(harness);
        Assert.Equal([first], published[0].Ids);
        Assert.Equal([second, third], published[1].Ids);
        Assert.All(published, message => Assert.Equal(publisher.Origin, message.Origin));
    }

    private static List<RunLogsAppended> GetPublished(ITestHarness harness) =>
        [.. harness.Published.Select<RunLogsAppended>(new CancellationToken(canceled: true)).Select(message => message.Context.Message)];
}
