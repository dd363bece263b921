using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Runs.Api.Authentication;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Reporting;

namespace Runs.FaultInjection.Workload;

/// <summary>Calls any of the servers over HTTP, each call with its own deadline, and records what came of it.</summary>
internal sealed class RecordingHttpClient(Experiment experiment) : IDisposable
{
    /// <summary>How long a client waits; the service answers before.</summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient _client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", experiment.Options.Key ?? DevelopmentApiKey.Key) },
    };

    private int _unavailable;
    private int _withoutRetryAfter;

    /// <summary>Answers 503, and how many of them did not say when to ask again.</summary>
    public (int All, int WithoutRetryAfter) UnavailableCounts => (_unavailable, _withoutRetryAfter);

    /// <summary>Asks once.</summary>
    public async Task<HttpResult> SendOnce(HttpMethod method, string path, string? body, string call, string? run, int attempt, string? cursor = null, int? events = null, int? server = null)
    {
        var at = server ?? Random.Shared.Next(experiment.Addresses.Count);
        using var deadline = new CancellationTokenSource(ResponseTimeout + TimeSpan.FromSeconds(2));
        using var request = new HttpRequestMessage(method, new Uri(experiment.Addresses[at], path));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        var (start, answer, trouble) = (Clock.ElapsedSeconds, default(HttpResult), default(string));
        try
        {
            using var response = await _client.SendAsync(request, deadline.Token);
            var text = await response.Content.ReadAsByteArrayAsync(deadline.Token);
            answer = new HttpResult((int)response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text), start, Clock.ElapsedSeconds, response.Headers.RetryAfter is not null);
        }
        catch (OperationCanceledException)
        {
            (answer, trouble) = (new HttpResult(0, default, start, Clock.ElapsedSeconds, false), "late");
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException)
        {
            (answer, trouble) = (new HttpResult(0, default, start, Clock.ElapsedSeconds, false), "cut");
        }

        CheckResponse(answer, trouble, path, call, run, at);
        experiment.History.Add(new CallRecord(
            run ?? answer.Run?.GetProperty("run_id").GetString(), call, experiment.GetServerName(at), attempt, start, answer.End, trouble ?? $"{answer.Status}", answer.Code, ReadChanged(answer),
            answer.Run?.GetProperty("status").GetString(), cursor, events));
        return answer;
    }

    /// <summary>Asks again until there is an answer.</summary>
    public async Task<HttpResult> SendWithRetry(HttpMethod method, string path, string? body, string call, TrackedRun trackedRun, string? cursor = null, int? events = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await SendOnce(method, path, body, call, trackedRun.Id, attempt, cursor, events);
            if (!answer.IsTransientFailure)
            {
                if (answer.Run is { } run)
                {
                    trackedRun.RecordObservation(Observation.FromJson(run, answer.Start, answer.End));
                }

                return answer;
            }

            await experiment.DelayBeforeRetry(attempt);
        }
    }

    public void Dispose() => _client.Dispose();

    private void CheckResponse(HttpResult answer, string? failure, string path, string call, string? run, int server)
    {
        experiment.CountResponse(answer.Status == 0 ? failure! : $"{answer.Status}");
        if (failure == "late" && !experiment.WasUnavailable(server, answer.Start, answer.End))
        {
            experiment.Violations.Add(Invariants.ResponseDeadline, $"{call} {run} to {experiment.GetServerName(server)}, asked at {answer.Start:0.0}, had no answer after {answer.End - answer.Start:0.0} s");
        }

        if (answer.Status == 503)
        {
            Interlocked.Increment(ref _unavailable);
            if (!answer.HasRetryAfter)
            {
                Interlocked.Increment(ref _withoutRetryAfter);
                experiment.Violations.Add(Invariants.DocumentedResponses, $"{call} {run}: 503 without Retry-After");
            }
        }

        if (answer.Status is 500 or (> 0 and < 200))
        {
            experiment.Violations.Add(Invariants.DocumentedResponses, $"{call} {run} ({path}) to {experiment.GetServerName(server)} at {answer.Start:0.0}: {answer.Status} {answer.Body}");
        }
    }

    private static bool? ReadChanged(HttpResult answer) =>
        answer.Body.ValueKind != JsonValueKind.Object ? null
        : answer.Body.TryGetProperty("duplicate", out var duplicate) ? !duplicate.GetBoolean()
        : answer.Body.TryGetProperty("cancelled", out var cancelled) ? cancelled.GetBoolean()
        : answer.Body.TryGetProperty("completed", out var completed) ? completed.GetBoolean()
        : null;
}
