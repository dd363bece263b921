using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Runs.Samples.MassTransitWorker;

var builder = Host.CreateApplicationBuilder(args);
var settings = WorkerSettings.From(builder.Configuration);
builder.Services.AddSingleton(settings);
builder.Services.AddSingleton<RunsApi>();
// After this time, running attempts are cancelled, and another worker continues them.
builder.Services.Configure<MassTransitHostOptions>(host => host.ConsumerStopTimeout = TimeSpan.FromSeconds(10));
builder.Services.AddMassTransit(bus =>
{
    bus.DisableUsageTelemetry();
    bus.AddConsumer<EchoWorker>();
    bus.UsingRabbitMq((context, broker) =>
    {
        broker.Host(settings.RabbitMq);
        broker.MessageTopology.SetEntityNameFormatter(new RunsExchanges());
        broker.ConfigureJsonSerializerOptions(json => new(json) { MaxDepth = RunsApi.MaxJsonDepth });
        // The queue keeps the events while no worker runs.
        broker.ReceiveEndpoint($"masstransit-worker.{settings.Target}", queue =>
        {
            queue.SetQuorumQueue();
            // About twenty minutes. A message that still fails is moved to the queue's _error queue.
            queue.UseMessageRetry(retry => retry.Exponential(
                retryLimit: 250,
                minInterval: TimeSpan.FromMilliseconds(250),
                maxInterval: TimeSpan.FromSeconds(5),
                intervalDelta: TimeSpan.FromMilliseconds(250)));
            queue.ConfigureConsumer<EchoWorker>(context);
        });
    });
});
await builder.Build().RunAsync();
