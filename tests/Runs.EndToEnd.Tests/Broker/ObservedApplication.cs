using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Runs.EndToEnd.Tests;

/// <summary>The server on RabbitMQ and MongoDB, with an observer of its endpoints.</summary>
public sealed class ObservedApplication(ContainerFixture containers) : ContainerApplication(containers)
{
    internal EndpointObserver Observer { get; } = new();

    /// <summary>The exchanges and queues after the first command.</summary>
    internal IReadOnlyList<string> InitialEntities { get; private set; } = [];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Client.Create(TestRequests.TaskBody());
        await Eventually.Holds(async () => (InitialEntities = await ListEntities()).Any(name => name == "exchanges runs.run-accepted"));
    }

    protected override void ConfigureBuilder(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IReceiveObserver>(Observer);
        builder.Services.AddSingleton<IReceiveEndpointObserver>(Observer);
    }
}
