using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Runs.Tests.Http;

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
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = server };
        var proxy = new StrippingProxy(builder.Build(), client);
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
        http.Request.Path.StartsWithSegments(Prefix, StringComparison.Ordinal, out var rest);
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
        var headers = response.Headers.Concat(response.Content.Headers);
        foreach (var (name, value) in headers.Where(header => !HeadersNotForwarded.Contains(header.Key)))
        {
            http.Response.Headers[name] = value.ToArray();
        }

        await response.Content.CopyToAsync(http.Response.Body);
    }
}
