using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Hosting;
using Runs.Server.Telemetry;
using Runs.Store;

namespace Runs.EndToEnd.Tests;

/// <summary>The queues of the broker as metrics.</summary>
[Collection(nameof(SteadyContainers))]
public sealed class BrokerGaugesTests(ContainerApplication application) : IClassFixture<ContainerApplication>, IDisposable
{
    private readonly MetricCollector<long> _messages = CreateCollector(application, "runs.broker.messages");
    private readonly MetricCollector<long> _consumers = CreateCollector(application, "runs.broker.consumers");

    public void Dispose()
    {
        _messages.Dispose();
        _consumers.Dispose();
    }

    [Fact]
    public async Task Messages_and_consumers_of_each_queue_are_reported_also_of_those_that_do_not_exist_yet()
    {
        await Refresh();
        Assert.Equal(
            ["commands", "commands_error", "commands_skipped", "dead_letters", "lifecycle", "lifecycle_error", "lifecycle_skipped"],
            Read(_messages).Keys.Order());
        Assert.All(Read(_messages).Values, count => Assert.Equal(0, count));
        Assert.True(Read(_consumers)["commands"] > 0 && Read(_consumers)["lifecycle"] > 0);
        Assert.Equal(0, Read(_consumers)["lifecycle_error"]);

        await using var publisher = await RawAmqpClient.Connect(application.RabbitMq);
        await publisher.Publish("runs.create-run", "[]");

        await Eventually.Succeeds(async () =>
        {
            await Refresh();
            Assert.Equal(1, Read(_messages)["lifecycle_error"]);
        });
    }

    private static MetricCollector<long> CreateCollector(ContainerApplication application, string instrument) =>
        new(application.Services.GetRequiredService<IMeterFactory>(), RunsTelemetry.Name, instrument);

    private static Dictionary<string, long> Read(MetricCollector<long> collector)
    {
        collector.Clear();
        collector.RecordObservableInstruments();
        return collector.GetMeasurementSnapshot().ToDictionary(measured => (string)measured.Tags["queue"]!, measured => measured.Value);
    }

    private Task Refresh() => application.Services.GetServices<IHostedService>().OfType<BrokerGauges>().Single().Refresh(default);
}
