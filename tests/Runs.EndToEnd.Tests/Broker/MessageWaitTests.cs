using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using RabbitMQ.Client;
using Runs.Contracts;
using Runs.Store;

namespace Runs.EndToEnd.Tests;

/// <summary>How long messages wait in the broker, for each of their forms.</summary>
[Collection(nameof(SteadyContainers))]
public sealed class MessageWaitTests(ContainerApplication application) : IClassFixture<ContainerApplication>, IDisposable
{
    private readonly MetricCollector<double> _waits =
        new(application.Services.GetRequiredService<IMeterFactory>(), RunsTelemetry.Name, "runs.message.wait");

    public void Dispose() => _waits.Dispose();

    [Fact]
    public async Task The_wait_of_a_batch_of_the_API_is_measured()
    {
        await application.Client.Create(TestRequests.TaskBody());

        await AssertMeasured("commands", "create", max: 10);
    }

    [Fact]
    public async Task The_wait_of_an_envelope_is_measured()
    {
        await application.Bus.Publish(new CancelRun { Tenant = "dev", RunId = TestRequests.NewId() });

        await AssertMeasured("lifecycle", "cancel", max: 10);
    }

    [Fact]
    public async Task The_wait_of_raw_JSON_with_a_timestamp_is_measured_and_bounded()
    {
        await using var publisher = await RawAmqpClient.Connect(application.RabbitMq);
        var properties = new BasicProperties { Timestamp = new AmqpTimestamp(1) };

        await publisher.Publish("runs.start-run", $$"""{"tenant":"dev","run_id":"{{TestRequests.NewId()}}"}""", properties);

        await AssertMeasured("lifecycle", "start", max: 3610);
    }

    private Task AssertMeasured(string queue, string command, double max) => Eventually.Succeeds(() =>
    {
        var waits = _waits.GetMeasurementSnapshot()
            .Where(wait => Equals(wait.Tags["queue"], queue) && Equals(wait.Tags["command"], command))
            .Select(wait => wait.Value)
            .ToList();
        Assert.NotEmpty(waits);
        Assert.All(waits, wait => Assert.InRange(wait, 0, max));
        return Task.CompletedTask;
    });
}
