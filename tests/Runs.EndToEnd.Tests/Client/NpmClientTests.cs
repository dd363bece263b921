namespace Runs.EndToEnd.Tests;

/// <summary>
/// The published npm client, unmodified, with a server: requests are accepted, and responses pass the client's checks.
/// </summary>
public abstract class NpmClientTests(RunsApplication application) : IAsyncLifetime
{
    private static readonly NodeScript Tour = new("Client", "tour.mjs");

    public Task InitializeAsync() => application.InitializeAsync();

    public Task DisposeAsync() => application.DisposeAsync();

    [Fact]
    public async Task The_npm_client_passes_its_scenario()
    {
        var output = await Tour.Run(new()
        {
            ["RUNS_URL"] = application.Client.BaseAddress!.GetLeftPart(UriPartial.Authority),
            ["RUNS_TOKEN"] = DevelopmentApiKey.Key,
            ["RUNS_PROJECT_ID"] = RunsApplication.Project,
            ["RUNS_PROJECT_SLUG"] = "my/slug",
        });

        Assert.Contains("steps passed", output, StringComparison.Ordinal);
    }
}
