using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Runs.Server;

namespace Runs.Tests.Http;

public sealed class ReverseProxyTests(ReverseProxyApplication application) : IClassFixture<ReverseProxyApplication>
{
    [Fact]
    public async Task Links_contain_the_prefix_that_the_proxy_strips()
    {
        await using var proxy = await StrippingProxy.Start(application.Client.BaseAddress!);
        using var caller = application.CreateClient("vf_dev_secret");
        caller.BaseAddress = proxy.Address;

        var created = await caller.Post("api/runs", TestRequests.TaskBody());
        var description = await caller.Get("api/openapi.json");
        var page = await caller.GetAsync("api/docs/");

        Assert.Equal($"/api/runs/{created["run"].GetProperty("run_id").GetString()}", created.Headers["Location"]);
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
        var failure = Assert.Throws<OptionsValidationException>(() => ServerBuilder.Build(["--environment", "Development", $"--{name}", value]));

        Assert.Contains(name.TrimEnd('0', ':'), failure.Message, StringComparison.Ordinal);
    }

    private HttpClient CreateClientWith(string header, string value)
    {
        var caller = application.CreateClient("vf_dev_secret");
        caller.DefaultRequestHeaders.Add(header, value);
        return caller;
    }
}

public sealed class UnknownProxyTests(UnknownProxyApplication application) : IClassFixture<UnknownProxyApplication>
{
    [Fact]
    public async Task Forwarded_headers_of_an_unknown_proxy_are_ignored()
    {
        await using var proxy = await StrippingProxy.Start(application.Client.BaseAddress!);
        using var caller = application.CreateClient("vf_dev_secret");
        caller.BaseAddress = proxy.Address;

        var created = await caller.Post("api/runs", TestRequests.TaskBody());

        Assert.StartsWith("/runs/", created.Headers["Location"], StringComparison.Ordinal);
        Assert.False((await caller.Get("api/openapi.json")).Body.TryGetProperty("servers", out _));
    }
}

public sealed class PathBaseTests(PathBaseApplication application) : IClassFixture<PathBaseApplication>
{
    [Fact]
    public async Task The_configured_path_base_is_removed_from_requests_and_added_to_links()
    {
        var created = await application.Client.Post("/behind/it/runs", TestRequests.TaskBody());

        Assert.StartsWith("/behind/it/runs/", created.Headers["Location"], StringComparison.Ordinal);
        Assert.Equal(200, (await application.Client.Get(created.Headers["Location"])).Status);
        Assert.Equal("/behind/it", (await application.Client.Get("/behind/it/openapi.json"))["servers"][0].GetProperty("url").GetString());
    }
}

/// <summary>A server whose proxies are in this machine.</summary>
public sealed class ReverseProxyApplication : EmbeddedApplication
{
    protected override async Task<Dictionary<string, string?>> CreateSettings() =>
        new(await base.CreateSettings()) { ["Proxy:KnownNetworks:0"] = "127.0.0.0/8", ["Proxy:KnownNetworks:1"] = "::1" };
}

/// <summary>A server whose proxies are elsewhere.</summary>
public sealed class UnknownProxyApplication : EmbeddedApplication
{
    protected override async Task<Dictionary<string, string?>> CreateSettings() => new(await base.CreateSettings()) { ["Proxy:KnownNetworks:0"] = "192.0.2.0/24" };
}

/// <summary>A server whose paths have a prefix.</summary>
public sealed class PathBaseApplication : EmbeddedApplication
{
    protected override async Task<Dictionary<string, string?>> CreateSettings() => new(await base.CreateSettings()) { ["Proxy:PathBase"] = "/behind/it" };
}

/// <summary>A reverse proxy in the manner of nginx's <c>location /api/ { proxy_pass http://server/; }</c>.</summary>
internal sealed class StrippingProxy : IAsyncDisposable
{
    private const string Prefix = "/api";

    private static readonly string[] HeadersNotForwarded = ["Host", "Transfer-Encoding", "Connection"];

    private readonly WebApplication _app;
    private readonly HttpClient _server;

    private StrippingProxy(WebApplication app, HttpClient server) => (_app, _server) = (app, server);

    public Uri Address => new(_app.Urls.First());

    public static async Task<StrippingProxy> Start(Uri server)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var proxy = new StrippingProxy(builder.Build(), new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = server });
        proxy._app.Run(proxy.Forward);
        await proxy._app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _server.Dispose();
    }

    private async Task Forward(HttpContext http)
    {
        http.Request.Path.StartsWithSegments(Prefix, out var rest);
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), rest.ToUriComponent() + http.Request.QueryString);
        if (HttpMethods.IsPost(http.Request.Method))
        {
            request.Content = new StreamContent(http.Request.Body);
        }

        foreach (var (name, value) in http.Request.Headers.Where(header => !HeadersNotForwarded.Contains(header.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, value.AsEnumerable()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, value.AsEnumerable());
            }
        }

        request.Headers.Add("X-Forwarded-Prefix", Prefix);
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "runs.example.com");
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        using var response = await _server.SendAsync(request);
        http.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, value) in response.Headers.Concat(response.Content.Headers).Where(header => !HeadersNotForwarded.Contains(header.Key)))
        {
            http.Response.Headers[name] = value.ToArray();
        }

        await response.Content.CopyToAsync(http.Response.Body);
    }
}
