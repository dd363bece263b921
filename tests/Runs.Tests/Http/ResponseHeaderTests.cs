namespace Runs.Tests.Http;

public sealed class ResponseHeaderTests(EmbeddedStack stack) : IClassFixture<EmbeddedStack>
{
    [Theory]
    [InlineData("/runs/unknown")]
    [InlineData("/nowhere")]
    [InlineData("/runs/any/children")]
    [InlineData($"/projects/{Stack.Project}/runs")]
    [InlineData("/openapi.json")]
    [InlineData("/asyncapi.yaml")]
    public async Task No_cache_stores_an_answer_and_nobody_guesses_its_type(string path)
    {
        using var response = await stack.Client.GetAsync(path);

        Assert.True(response.Headers.CacheControl is { NoStore: true, Private: true }, $"{response.Headers.CacheControl}");
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
    }

    [Fact]
    public async Task Neither_does_one_store_a_create_or_a_refusal()
    {
        using var stranger = stack.Caller(null);

        Assert.Equal("no-store, private", (await stack.Client.Post("/runs", Calls.Task())).Headers["Cache-Control"]);
        Assert.Equal("no-store, private", (await stack.Client.Post("/runs", "{")).Headers["Cache-Control"]);
        Assert.Equal("no-store, private", (await stranger.Read("/runs/any")).Headers["Cache-Control"]);
    }

    [Fact]
    public async Task A_run_may_be_kept_for_its_caller_and_asked_for_again_by_its_tag()
    {
        var run = (await stack.Client.Create(Calls.Task())).GetProperty("run").GetProperty("run_id").GetString();
        using var again = stack.Caller("vf_dev_secret");

        var first = await stack.Client.Read($"/runs/{run}");
        again.DefaultRequestHeaders.TryAddWithoutValidation("If-None-Match", first.Headers["ETag"]);
        var second = await again.Read($"/runs/{run}");

        Assert.Equal(304, second.Status);
        Assert.All([first, second], answer =>
        {
            Assert.Equal("no-cache, private", answer.Headers["Cache-Control"]);
            Assert.Equal("Authorization,X-API-Key", answer.Headers["Vary"].Replace(" ", "", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task The_description_is_made_once()
    {
        using var stranger = stack.Caller("made.up.token");
        await stack.Client.GetStringAsync("/openapi.json");

        using var again = await stranger.GetAsync("/openapi.json?x=1");

        Assert.True(again.Headers.Age is not null, "It was made again.");
        Assert.Equal(await stack.Client.GetStringAsync("/openapi.json"), await again.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_documentation_runs_its_own_scripts_only_and_in_no_frame()
    {
        using var first = await stack.Client.GetAsync("/docs/");
        using var second = await stack.Client.GetAsync("/docs/");

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

public sealed class WithoutDescriptionsTests(WithoutDescriptionsStack stack) : IClassFixture<WithoutDescriptionsStack>
{
    [Theory]
    [InlineData("/docs")]
    [InlineData("/docs/")]
    [InlineData("/docs/scalar.js")]
    [InlineData("/openapi.json")]
    [InlineData("/asyncapi.yaml")]
    [InlineData("/schemas/create-run.json")]
    public async Task Descriptions_that_are_switched_off_are_not_there(string path) => (await stack.Client.Read(path)).IsProblem(404);

    [Fact]
    public async Task The_rest_works() => await stack.Client.Create(Calls.Task());
}

/// <summary>A server that does not describe itself.</summary>
public sealed class WithoutDescriptionsStack : EmbeddedStack
{
    protected override async Task<Dictionary<string, string?>> Settings() => new(await base.Settings()) { ["Api:Descriptions"] = "false" };
}
