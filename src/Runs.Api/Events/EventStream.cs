using System.Globalization;
using System.IO.Pipelines;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Runs.Api.RateLimiting;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// Writes a run's log as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). A reader's place is the id of the last event that it
/// got, and nothing else is kept for it: one that comes back, to any process, goes on without a gap or a repeat, and a slow one waits for itself alone.
/// </summary>
internal sealed class EventStream(Guid run, long lastEventId, IDisposable permit) : IResult, IEndpointMetadataProvider
{
    private const int PageSize = 100;

    // What is written before the reader's connection is waited for.
    private const int MostUnflushed = 32 * 1024;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), ["text/event-stream"]));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var held = permit;
        if (HttpMethods.IsHead(httpContext.Request.Method))
        {
            Prepare(httpContext);
            return;
        }

        var services = httpContext.RequestServices;
        // A process that stops lets its readers go: they come back to another one.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            httpContext.RequestAborted, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        try
        {
            using var follower = await services.GetRequiredService<RunFollowers>().Follow(run, ending.Token);
            if (follower is not null)
            {
                Prepare(httpContext);
                await Write(httpContext, follower, lastEventId, ending.Token);
            }
            else
            {
                await Problems.RunNotFound().ExecuteAsync(httpContext);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The reader is gone, or is let go.
        }
    }

    private static void Prepare(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "private, no-cache, no-store, no-transform";
        http.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would collect before it passes on
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private static async Task Write(HttpContext http, FollowedRun.Follower follower, long after, CancellationToken ending)
    {
        var heartbeat = http.RequestServices.GetRequiredService<IOptions<ApiOptions>>().Value.StreamHeartbeat;
        var clock = http.RequestServices.GetRequiredService<TimeProvider>();
        var body = http.Response.BodyWriter;
        var limits = http.RequestServices.GetRequiredService<RequestLimits>();
        var written = clock.GetTimestamp();
        WriteText(body, ": open\n\n"); // a reader knows that it is heard before anything happens
        await body.FlushAsync(ending);
        while (true)
        {
            var view = follower.View;
            var (events, problem) = view.HasEventsAfter(after)
                ? (await follower.Events(view, after, PageSize, ending), null)
                : await limits.ReadForFollower(view.Run.Tenant, () => follower.Events(view, after, PageSize, ending)!, ending);
            if (problem is not null)
            {
                return; // the reader comes back, and goes on from its last event
            }

            foreach (var logged in events!)
            {
                WriteEvent(body, logged);
                if (body.UnflushedBytes > MostUnflushed)
                {
                    await body.FlushAsync(ending);
                }
            }

            if (events.Count > 0)
            {
                after = events[^1].EventId;
            }
            else if (RunStatuses.IsTerminal(view.Run.Status))
            {
                return;
            }
            else if (await view.ChangesWithin(heartbeat - clock.GetElapsedTime(written), clock, ending))
            {
                continue; // perhaps by something that is not shown
            }
            else
            {
                WriteText(body, ": still here\n\n");
            }

            await body.FlushAsync(ending);
            written = clock.GetTimestamp();
        }
    }

    private static void WriteEvent(PipeWriter body, RunEvent logged)
    {
        WriteText(body, string.Create(CultureInfo.InvariantCulture, $"id: {logged.EventId}\nevent: {logged.EventType}\ndata: "));
        WriteText(body, OnOneLine(logged.Event.Text));
        WriteText(body, "\n\n");
    }

    // In JSON a line break stands between values only.
    private static string OnOneLine(string json) => json.AsSpan().ContainsAny('\n', '\r') ? json.Replace('\n', ' ').Replace('\r', ' ') : json;

    private static void WriteText(PipeWriter body, string text) => Encoding.UTF8.GetBytes(text, body);
}
