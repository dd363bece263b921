using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Runs.Samples.Worker;

var builder = Host.CreateApplicationBuilder(args);
var settings = WorkerSettings.From(builder.Configuration);
builder.Services.AddSingleton(settings);
builder.Services.AddSingleton<RunsApi>();
builder.Services.Configure<MassTransitHostOptions>(host => host.ConsumerStopTimeout = TimeSpan.FromSeconds(10)); // then attempts end, and others go on
builder.Services.AddMassTransit(bus =>
{
    bus.DisableUsageTelemetry();
    bus.AddConsumer<EchoWorker>();
    bus.UsingRabbitMq((context, broker) =>
    {
        broker.Host(settings.RabbitMq);
        broker.MessageTopology.SetEntityNameFormatter(new RunsExchanges());
        broker.ConfigureJsonSerializerOptions(json => new(json) { MaxDepth = RunsApi.JsonDepth });
        // What happens while no worker is there waits in the queue.
        broker.ReceiveEndpoint($"csharp-worker.{settings.Target}", queue =>
        {
            queue.SetQuorumQueue();
            // Some twenty minutes; what fails even then is in the queue's _error queue.
            queue.UseMessageRetry(retry => retry.Exponential(250, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(250)));
            queue.ConfigureConsumer<EchoWorker>(context);
        });
    });
});
await builder.Build().RunAsync();
