using System.Text.Json;
using Runs.FaultInjection.Clients;

namespace Runs.FaultInjection.WorkerProcesses;

/// <summary>
/// Records the calls of a worker above its retries: a record has the time of the first request and of the last
/// response.
/// </summary>
internal sealed class RecordingHandler(RecordWriter records) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        var call = new HttpCall(ExecutionCalls.GetName(request.Method, path), request.Method, path, body, Worker: records.Name);
        var start = Clock.ElapsedSeconds;
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            var json = text.Length == 0 ? default : JsonElement.Parse(text);
            Write(call, new HttpResult((int)response.StatusCode, json, start, Clock.ElapsedSeconds, HasRetryAfter: false));
            return response;
        }
        catch (Exception exception)
        {
            var answer = exception is OperationCanceledException ? "late" : "cut";
            Write(call, new HttpResult(0, default, start, Clock.ElapsedSeconds, HasRetryAfter: false), answer);
            throw;
        }
    }

    private void Write(HttpCall call, HttpResult result, string? answer = null)
    {
        if (call.Name == ExecutionCalls.Other)
        {
            return;
        }

        foreach (var record in ExecutionCalls.Read(call, result, "api", answer ?? $"{result.Status}"))
        {
            records.Write(record);
        }
    }
}
