using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Api.Events;

/// <summary>
/// Writes a run's log as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). A
/// reader's cursor is the id of the last event that it received, and the server keeps no other state for it. A reader
/// that reconnects, to any process, continues without a gap or a duplicate. A slow reader delays no other.
/// </summary>
internal sealed class ServerSentEventsWriter(
    RunSubscriptions subscriptions, RequestLimits limits, ApiMetrics metrics, TimeProvider clock, IOptions<ApiOptions> options,
    IHostApplicationLifetime lifetime)
{
    private const int PageSize = 100;

    // How much is written before waiting for the reader's connection.
    private const int FlushThreshold = 32 * 1024;

    /// <summary>
    /// Writes the run's events after <paramref name="lastEventId"/>, and each new one, until the run has ended.
    /// </summary>
    public async Task Write(HttpContext httpContext, Guid id, long lastEventId)
    {
        if (HttpMethods.IsHead(httpContext.Request.Method))
        {
            SetResponseHeaders(httpContext);
            return;
        }

        using var counted = metrics.OpenSubscriber("stream");
        // A process that stops ends its streams: readers reconnect to another process.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            using var subscriber = await subscriptions.Subscribe(id, stopping.Token);
            if (subscriber is not null)
            {
                SetResponseHeaders(httpContext);
                await WriteEvents(httpContext, subscriber, lastEventId, stopping.Token);
            }
            else
            {
                await Problems.RunNotFound().ExecuteAsync(httpContext);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The reader disconnected, or the process stops.
        }
    }

    private static void SetResponseHeaders(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "private, no-cache, no-store, no-transform";
        http.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would buffer the stream
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private async Task WriteEvents(
        HttpContext http, RunSubscription.Subscriber subscriber, long afterEventId, CancellationToken cancellationToken)
    {
        var heartbeat = options.Value.StreamHeartbeatInterval;
        var body = http.Response.BodyWriter;
        var lastWriteAt = clock.GetTimestamp();
        WriteText(body, ": open\n\n"); // confirms the stream to the reader before the first event
        await body.FlushAsync(cancellationToken);
        while (true)
        {
            var view = subscriber.View;
            if (await ReadPage(subscriber, view, afterEventId, cancellationToken) is not { } events)
            {
                return; // the reader reconnects, and continues after its last event
            }

            foreach (var runEvent in events)
            {
                WriteEvent(body, runEvent);
                if (body.UnflushedBytes > FlushThreshold)
                {
                    await body.FlushAsync(cancellationToken);
                }
            }

            if (events.Count > 0)
            {
                afterEventId = events[^1].EventId;
            }
            else if (RunStatuses.IsTerminal(view.Run.Status))
            {
                return;
            }
            else if (await view.WaitForChange(heartbeat - clock.GetElapsedTime(lastWriteAt), clock, cancellationToken))
            {
                continue; // the change may be a hidden event
            }
            else
            {
                WriteText(body, ": still here\n\n");
            }

            await body.FlushAsync(cancellationToken);
            lastWriteAt = clock.GetTimestamp();
        }
    }

    // Null when the tenant or the process has reached its limit of reads. Events in memory need no permit.
    private async Task<IReadOnlyList<RunEvent>?> ReadPage(
        RunSubscription.Subscriber subscriber, RunSubscription.RunView view, long afterEventId, CancellationToken cancellationToken)
    {
        if (view.HasEventsAfter(afterEventId))
        {
            return await subscriber.ReadEvents(view, afterEventId, PageSize, cancellationToken);
        }

        using var permit = await limits.QueuedReads.AcquireQueued(view.Run.Tenant, cancellationToken);
        return permit.IsAcquired ? await subscriber.ReadEvents(view, afterEventId, PageSize, cancellationToken) : null;
    }

    private static void WriteEvent(PipeWriter body, RunEvent runEvent)
    {
        WriteText(body, string.Create(CultureInfo.InvariantCulture, $"id: {runEvent.EventId}\nevent: {runEvent.EventType}\ndata: "));
        WriteText(body, RemoveLineBreaks(runEvent.Event.Text));
        WriteText(body, "\n\n");
    }

    // In JSON, a line break can only be between tokens, so replacing it is safe.
    private static string RemoveLineBreaks(string json) =>
        json.AsSpan().ContainsAny('\n', '\r') ? json.Replace('\n', ' ').Replace('\r', ' ') : json;

    private static void WriteText(PipeWriter body, string text) => Encoding.UTF8.GetBytes(text, body);
}
