using MassTransit;

namespace Runs.Server.Inbound;

/// <summary>
/// Disables the publishing of faults on every endpoint, including the temporary ones that MassTransit creates. A fault
/// contains the message, the exception and the host, and no service is meant to subscribe to it.
/// </summary>
internal sealed class DisableFaultPublishingObserver : IEndpointConfigurationObserver
{
    public void EndpointConfigured<T>(T configurator)
        where T : IReceiveEndpointConfigurator => configurator.PublishFaults = false;
}
