using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Runs.Benchmarks.Subjects;

/// <summary>Kestrel and one delegate: no routing, no logging, no services.</summary>
internal static class BaselineHttpServer
{
    public static Task Serve(int port, RequestDelegate handle)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(handle);
        return app.RunAsync();
    }

    /// <summary>Reads the whole body and passes it to <paramref name="use"/>, which must not keep it.</summary>
    public static async Task<T> ReadBody<T>(HttpContext http, Func<ReadOnlyMemory<byte>, Task<T>> use)
    {
        var reader = http.Request.BodyReader;
        var body = await reader.ReadAtLeastAsync((int)(http.Request.ContentLength ?? int.MaxValue));
        var result = await use(body.Buffer.IsSingleSegment ? body.Buffer.First : body.Buffer.ToArray());
        reader.AdvanceTo(body.Buffer.End);
        return result;
    }

    /// <summary>Writes a JSON response; 404 if there is none.</summary>
    public static Task WriteResponse(HttpContext http, int status, byte[]? body)
    {
        http.Response.StatusCode = body is null ? StatusCodes.Status404NotFound : status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body?.Length ?? 0;
        return http.Response.Body.WriteAsync(body ?? []).AsTask();
    }
}
