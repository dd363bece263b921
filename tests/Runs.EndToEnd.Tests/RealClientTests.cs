using Runs.Api;

namespace Runs.EndToEnd.Tests;

public sealed class RealClientEmbedded() : RealClientTests(new EmbeddedStack());

[Collection(nameof(Containers))]
public sealed class RealClientOnRabbitMqAndMongoDb(Containers containers) : RealClientTests(new ContainerStack(containers));

/// <summary>The published npm client, unmodified, against a server: what it sends is understood, and the answers pass its checks.</summary>
public abstract class RealClientTests(Stack stack) : IAsyncLifetime
{
    private static readonly NodeScript Tour = new("Client", "tour.mjs");

    public Task InitializeAsync() => stack.InitializeAsync();

    public Task DisposeAsync() => stack.DisposeAsync();

    [Fact]
    public async Task The_public_client_gets_through_its_tour()
    {
        var output = await Tour.Run(new()
        {
            ["RUNS_URL"] = stack.Client.BaseAddress!.GetLeftPart(UriPartial.Authority),
            ["RUNS_TOKEN"] = DevelopmentKey.Text,
            ["RUNS_PROJECT_ID"] = Stack.Project,
            ["RUNS_PROJECT_SLUG"] = "my/slug",
        });

        Assert.Contains("steps passed", output, StringComparison.Ordinal);
    }
}
