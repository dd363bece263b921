using System.Net;
using Microsoft.Extensions.Options;
using Runs.Server;

namespace Runs.Tests.Http;

public sealed class ReverseProxyTests(ReverseProxyApplication application) : IClassFixture<ReverseProxyApplication>
{
    [Fact]
    public async Task Links_contain_the_prefix_that_the_proxy_strips()
    {
        await using var proxy = await StrippingProxy.Start(application.Client.BaseAddress!);
        using var caller = application.CreateClient(DevelopmentApiKey.Key);
        caller.BaseAddress = proxy.Address;

        var created = await caller.Post("api/runs", TestRequests.TaskBody());
        var description = await caller.Get("api/openapi.json");
        var page = await caller.GetAsync("api/docs/");

        Assert.Equal($"/api/runs/{created.Read<CreatedRun>(202).Run.RunId}", created.Headers["Location"]);
        Assert.Equal(200, (await caller.Get(created.Headers["Location"])).Status);
        Assert.Equal("/api", description["servers"][0].GetProperty("url").GetString());
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task A_forwarded_prefix_cannot_redirect_to_another_host()
    {
        using var caller = CreateClientWith("X-Forwarded-Prefix", "//evil.example");

        var location = (await caller.Post("/runs", TestRequests.TaskBody())).Headers["Location"];

        Assert.StartsWith("/evil.example/runs/", location, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Forwarded-Host", "evil.example")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    public async Task Links_contain_no_host_and_requests_are_not_redirected(string header, string value)
    {
        using var caller = CreateClientWith(header, value);

        var created = await caller.Post("/runs", TestRequests.TaskBody());

        Assert.Equal(202, created.Status);
        Assert.StartsWith("/runs/", created.Headers["Location"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/runs/any/")]
    [InlineData("/RUNS/any")]
    [InlineData("//runs/any")]
    public async Task Requests_are_never_redirected(string path)
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var caller = new HttpClient(handler) { BaseAddress = application.Client.BaseAddress };

        using var response = await caller.GetAsync(new Uri($"http://127.0.0.1:{application.Client.BaseAddress!.Port}{path}"));

        Assert.InRange((int)response.StatusCode, 400, 499);
    }

    [Theory]
    [InlineData("Proxy:KnownNetworks:0", "example.com")]
    [InlineData("Proxy:PathBase", "api")]
    [InlineData("Proxy:PathBase", "//evil.example")]
    [InlineData("Proxy:PathBase", "/api/")]
    public void An_invalid_proxy_setting_stops_the_start_and_is_named(string name, string value)
    {
        string[] arguments = ["--environment", "Development", $"--{name}", value];

        var failure = Assert.Throws<OptionsValidationException>(() => ServerBuilder.Build(arguments));

        Assert.Contains(name.TrimEnd('0', ':'), failure.Message, StringComparison.Ordinal);
    }

    private HttpClient CreateClientWith(string header, string value)
    {
        var caller = application.CreateClient(DevelopmentApiKey.Key);
        caller.DefaultRequestHeaders.Add(header, value);
        return caller;
    }
}
