namespace Runs.EndToEnd.Tests;

[Collection(nameof(FaultyContainers))]
public sealed class ContainerNpmClientTests(ContainerFixture containers) : NpmClientTests(new ContainerApplication(containers));
