namespace Runs.EndToEnd.Tests;

[Collection(nameof(ContainerFixture))]
public sealed class ContainerNpmClientTests(ContainerFixture containers) : NpmClientTests(new ContainerApplication(containers));
