using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Runs.Client.Tests;

/// <summary>A server that answers as a test says, and a client of it.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ServiceProvider _services;

    private StubServer(WebApplication app, ServiceProvider services) => (_app, _services) = (app, services);

    public RunsClient Client => _services.GetRequiredService<RunsClient>();

    /// <summary>Method, path with query, and body of each request.</summary>
    public ConcurrentQueue<(string Path, string Body)> Requests { get; } = [];

    public static async Task<StubServer> Start(
        Func<HttpContext, int, Task> answer, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        StubServer? server = null;
        app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var body = await reader.ReadToEndAsync();
            server!.Requests.Enqueue(($"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}", body));
            await answer(http, server.Requests.Count);
        });
        var services = new ServiceCollection();
        configure?.Invoke(services);
        await app.StartAsync();
        services.AddRunsClientTo(app.Urls.First(), "vf_test_secret");
        return server = new StubServer(app, services.BuildServiceProvider());
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Answers with JSON.</summary>
    public static Task Json(HttpContext http, string json, int status = StatusCodes.Status200OK)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = status < 400 ? "application/json" : "application/problem+json";
        return http.Response.WriteAsync(json);
    }
}
