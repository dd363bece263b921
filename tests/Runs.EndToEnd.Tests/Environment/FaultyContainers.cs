namespace Runs.EndToEnd.Tests;

/// <summary>
/// Tests that share a RabbitMQ and a MongoDB and run one after another, because some of them stop, kill or fill these
/// containers.
/// </summary>
[CollectionDefinition(nameof(FaultyContainers))]
public sealed class FaultyContainers : ICollectionFixture<ContainerFixture>;
