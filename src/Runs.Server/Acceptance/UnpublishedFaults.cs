using MassTransit;

namespace Runs.Server.Acceptance;

/// <summary>
/// Keeps every endpoint from publishing faults, also those that MassTransit makes: a fault contains the message, its exception and the host, and no subscriber is documented for it.
/// </summary>
internal sealed class UnpublishedFaults : IEndpointConfigurationObserver
{
    public void EndpointConfigured<T>(T configurator)
        where T : IReceiveEndpointConfigurator => configurator.PublishFaults = false;
}
