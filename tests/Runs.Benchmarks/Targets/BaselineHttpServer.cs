using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Runs.Benchmarks.Targets;

/// <summary>Kestrel and one delegate: no routing, no logging, no services.</summary>
internal static class BaselineHttpServer
{
    public static Task Serve(int port, Func<ReadOnlyMemory<byte>, Task<byte[]>> create, Func<string, Task<byte[]?>> find)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(http => HttpMethods.IsPost(http.Request.Method) ? Create(http, create) : Find(http, find));
        return app.RunAsync();
    }

    private static async Task Create(HttpContext http, Func<ReadOnlyMemory<byte>, Task<byte[]>> create)
    {
        var reader = http.Request.BodyReader;
        var body = await reader.ReadAtLeastAsync((int)(http.Request.ContentLength ?? int.MaxValue));
        var answer = create(body.Buffer.IsSingleSegment ? body.Buffer.First : body.Buffer.ToArray());
        var bytes = await answer;
        reader.AdvanceTo(body.Buffer.End);
        await WriteResponse(http, StatusCodes.Status202Accepted, bytes);
    }

    private static async Task Find(HttpContext http, Func<string, Task<byte[]?>> find) =>
        await (await find(http.Request.Path.Value!["/runs/".Length..]) is { } run ? WriteResponse(http, StatusCodes.Status200OK, run) : WriteResponse(http, StatusCodes.Status404NotFound, []));

    private static Task WriteResponse(HttpContext http, int status, byte[] body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body).AsTask();
    }
}
