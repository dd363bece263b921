using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Runs.EndToEnd.Tests;

/// <summary>A server with short timeouts.</summary>
public sealed class OutageApplication(ContainerFixture containers) : RunsApplication
{
    /// <summary>The outcomes of deliveries.</summary>
    public DeliveryObserver Deliveries { get; } = new();

    protected override void ConfigureBuilder(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IReceiveObserver>(Deliveries);
    }

    protected override async Task<Dictionary<string, string?>> CreateSettings() => new()
    {
        ["ConnectionStrings:RabbitMq"] = await containers.CreateVirtualHost(),
        ["ConnectionStrings:MongoDb"] = containers.NewDatabase(),
        ["Api:ReplyTimeout"] = "00:00:02",
        ["Lifecycle:MaxHoldTime"] = "00:00:01",
    };
}
