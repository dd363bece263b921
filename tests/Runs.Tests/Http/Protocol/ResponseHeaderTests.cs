namespace Runs.Tests.Http;

public sealed class ResponseHeaderTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    [Theory]
    [InlineData("/runs/unknown")]
    [InlineData("/nowhere")]
    [InlineData("/runs/any/children")]
    [InlineData($"/projects/{RunsApplication.Project}/runs")]
    [InlineData("/openapi.json")]
    [InlineData("/asyncapi.yaml")]
    public async Task Responses_are_not_cached_and_not_sniffed(string path)
    {
        using var response = await application.Client.GetAsync(path);

        Assert.True(response.Headers.CacheControl is { NoStore: true, Private: true }, $"{response.Headers.CacheControl}");
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
    }

    [Fact]
    public async Task Create_and_error_responses_are_not_cached()
    {
        using var anonymous = application.CreateClient(null);

        Assert.Equal("no-store, private", (await application.Client.Post("/runs", TestRequests.TaskBody())).Headers["Cache-Control"]);
        Assert.Equal("no-store, private", (await application.Client.Post("/runs", "{")).Headers["Cache-Control"]);
        Assert.Equal("no-store, private", (await anonymous.Get("/runs/any")).Headers["Cache-Control"]);
    }

    [Fact]
    public async Task A_run_is_privately_cacheable_and_revalidated_by_its_ETag()
    {
        var run = await application.Client.CreateTask();
        using var again = application.CreateClient(DevelopmentApiKey.Key);

        var first = await application.Client.Get($"/runs/{run}");
        again.DefaultRequestHeaders.TryAddWithoutValidation("If-None-Match", first.Headers["ETag"]);
        var second = await again.Get($"/runs/{run}");

        Assert.Equal(304, second.Status);
        Assert.All([first, second], response =>
        {
            Assert.Equal("no-cache, private", response.Headers["Cache-Control"]);
            Assert.Equal("Authorization,X-API-Key", response.Headers["Vary"].Replace(" ", "", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task The_OpenAPI_document_is_generated_once()
    {
        using var other = application.CreateClient("made.up.token");
        await application.Client.GetStringAsync("/openapi.json");

        using var again = await other.GetAsync("/openapi.json?x=1");

        Assert.True(again.Headers.Age is not null, "The document was generated again.");
        Assert.Equal(await application.Client.GetStringAsync("/openapi.json"), await again.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_documentation_page_allows_only_its_own_scripts_and_no_framing()
    {
        using var first = await application.Client.GetAsync("/docs/");
        using var second = await application.Client.GetAsync("/docs/");

        var policy = Assert.Single(first.Headers.GetValues("Content-Security-Policy"));
        var nonce = policy.Split("'nonce-")[1].Split('\'')[0];
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("DENY", Assert.Single(first.Headers.GetValues("X-Frame-Options")));
        Assert.NotEqual(policy, Assert.Single(second.Headers.GetValues("Content-Security-Policy")));
        var page = await first.Content.ReadAsStringAsync();
        Assert.Equal(page.Split("<script").Length - 1, page.Split($"nonce=\"{nonce}\"").Length - 1);
    }
}
