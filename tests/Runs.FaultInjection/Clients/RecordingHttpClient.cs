using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Runs.Api.Authentication;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection.Clients;

/// <summary>Calls the servers over HTTP, each call with its own deadline, and records all results.</summary>
internal sealed class RecordingHttpClient(Experiment experiment) : IDisposable
{
    /// <summary>The deadline that the service keeps. The client waits a little longer.</summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    private readonly HttpClient _client = CreateClient(experiment.Options.Key ?? DevelopmentApiKey.Key);
    private int _unavailable;
    private int _withoutRetryAfter;

    /// <summary>The number of responses 503, and of those without Retry-After.</summary>
    public (int All, int WithoutRetryAfter) UnavailableCounts => (_unavailable, _withoutRetryAfter);

    /// <summary>Sends a call once.</summary>
    /// <param name="call">The call.</param>
    /// <param name="run">The id of the run, if it is known.</param>
    /// <param name="attempt">The number of the attempt, from 1.</param>
    /// <param name="server">The index of the server; null for any.</param>
    /// <param name="firstStart">When the first try was sent, if this is a later one.</param>
    public async Task<HttpResult> SendOnce(
        HttpCall call,
        string? run = null,
        int attempt = 1,
        int? server = null,
        double? firstStart = null)
    {
        var index = server ?? Random.Shared.Next(experiment.Addresses.Count);
        var (result, failure) = await Send(call, call.Address ?? experiment.Addresses[index]);
        CheckResponse(result, failure, call, run, index);
        var answer = failure ?? $"{result.Status}";
        var runId = run ?? result.Run?.GetProperty("run_id").GetString();
        var serverName = experiment.GetServerName(index);
        if (call.Worker is not null)
        {
            foreach (var record in ExecutionCalls.Read(call, result, serverName, answer))
            {
                experiment.History.Add(record with { Attempt = attempt, FirstStart = firstStart });
            }

            return result;
        }

        experiment.History.Add(new CallRecord(runId, call.Name, serverName, attempt, result.Start, result.End, answer)
        {
            Code = result.Code,
            Changed = result.Changed,
            Status = result.Run?.GetProperty("status").GetString(),
            FirstStart = firstStart,
            Cursor = call.Cursor,
            Events = call.Events,
        });
        return result;
    }

    /// <summary>Sends a call until there is a response that is not transient.</summary>
    public async Task<HttpResult> SendWithRetry(HttpCall call, TrackedRun trackedRun)
    {
        double? firstStart = null;
        for (var attempt = 1; ; attempt++)
        {
            var result = await SendOnce(call, trackedRun.Id, attempt, firstStart: firstStart);
            if (!result.IsTransientFailure)
            {
                if (result.Run is { } run)
                {
                    trackedRun.RecordObservation(Observation.FromJson(run, result.Start, result.End));
                }

                return result;
            }

            firstStart ??= result.Start;

            await experiment.DelayBeforeRetry(attempt);
        }
    }

    public void Dispose() => _client.Dispose();

    private static HttpClient CreateClient(string key)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        };
        return new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
        };
    }

    private async Task<(HttpResult Result, string? Failure)> Send(HttpCall call, Uri address)
    {
        using var deadline = new CancellationTokenSource(call.Wait + ResponseTimeout + Tolerance);
        using var request = new HttpRequestMessage(call.Method, new Uri(address, call.Path));
        if (call.Token is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (call.Body is { } body)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        var start = Clock.ElapsedSeconds;
        try
        {
            using var response = await _client.SendAsync(request, deadline.Token);
            var bytes = await response.Content.ReadAsByteArrayAsync(deadline.Token);
            var json = bytes.Length == 0 ? default : JsonElement.Parse(bytes);
            var hasRetryAfter = response.Headers.RetryAfter is not null;
            return (new HttpResult((int)response.StatusCode, json, start, Clock.ElapsedSeconds, hasRetryAfter), null);
        }
        catch (OperationCanceledException)
        {
            return (new HttpResult(0, default, start, Clock.ElapsedSeconds, HasRetryAfter: false), "late");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return (new HttpResult(0, default, start, Clock.ElapsedSeconds, HasRetryAfter: false), "cut");
        }
    }

    private void CheckResponse(HttpResult result, string? failure, HttpCall call, string? run, int server)
    {
        experiment.CountResponse(failure ?? $"{result.Status}");
        var description = $"{call.Name} {run} to {experiment.GetServerName(server)}, sent at {result.Start:0.0}";
        if (failure == "late" && !experiment.WasUnavailable(server, result.Start, result.End))
        {
            experiment.Violations.Add(
                Invariants.ResponseDeadline,
                $"{description}, had no response after {result.End - result.Start:0.0} s");
        }

        if (result.Status == 503)
        {
            Interlocked.Increment(ref _unavailable);
            if (!result.HasRetryAfter)
            {
                Interlocked.Increment(ref _withoutRetryAfter);
                experiment.Violations.Add(Invariants.DocumentedResponses, $"{description}: 503 without Retry-After");
            }
        }

        if (result.Status is 500 or (> 0 and < 200))
        {
            experiment.Violations.Add(
                Invariants.DocumentedResponses,
                $"{description} ({call.Path}): {result.Status} {result.Body}");
        }
    }
}
