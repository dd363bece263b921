namespace Runs.Tests.Http;

public sealed class PathBaseTests(PathBaseApplication application) : IClassFixture<PathBaseApplication>
{
    [Fact]
    public async Task The_configured_path_base_is_removed_from_requests_and_added_to_links()
    {
        var created = await application.Client.Post("/behind/it/runs", TestRequests.TaskBody());

        Assert.StartsWith("/behind/it/runs/", created.Headers["Location"], StringComparison.Ordinal);
        Assert.Equal(200, (await application.Client.Get(created.Headers["Location"])).Status);
        var description = await application.Client.Get("/behind/it/openapi.json");
        Assert.Equal("/behind/it", description["servers"][0].GetProperty("url").GetString());
    }
}
