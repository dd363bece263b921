using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// A proxy between a worker and the server that drops the response to the second append: the events are stored, and the
/// worker does not know.
/// </summary>
public sealed class ResponseDroppingProxy : IAsyncDisposable
{
    private readonly TaskCompletionSource _dropped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient _server;
    private readonly WebApplication _app;
    private int _appends;

    private ResponseDroppingProxy(Uri server)
    {
        _server = new HttpClient { BaseAddress = server };
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(Forward);
    }

    public Uri Address => new(_app.Urls.First());

    /// <summary>Completes when a response has been dropped.</summary>
    public Task ResponseDropped => _dropped.Task;

    public static async Task<ResponseDroppingProxy> Start(Uri server)
    {
        var proxy = new ResponseDroppingProxy(server);
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
        var isAppend = HttpMethods.IsPost(http.Request.Method);
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), http.Request.Path + http.Request.QueryString);
        request.Headers.TryAddWithoutValidation("Authorization", http.Request.Headers.Authorization.ToString());
        if (isAppend)
        {
            request.Content = new StreamContent(http.Request.Body) { Headers = { { "Content-Type", http.Request.ContentType } } };
        }

        using var response = await _server.SendAsync(request, http.RequestAborted);
        if (isAppend && Interlocked.Increment(ref _appends) == 2)
        {
            _dropped.SetResult();
            await new TaskCompletionSource().Task.WaitAsync(http.RequestAborted);
        }

        http.Response.StatusCode = (int)response.StatusCode;
        http.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        await response.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
    }
}
