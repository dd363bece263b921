using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Runs.Api;

namespace Runs.Bench.Torture;

/// <summary>What one call over HTTP came to. A status of 0 is no answer.</summary>
internal readonly record struct HttpAnswer(int Status, JsonElement Body, double Start, double End, bool RetryAfter)
{
    public string? Code => Body is { ValueKind: JsonValueKind.Object } && Body.TryGetProperty("code", out var code) ? code.GetString() : null;

    /// <summary>The run in the body, where there is one.</summary>
    public JsonElement? Run => Body is { ValueKind: JsonValueKind.Object } body
        ? body.TryGetProperty("run", out var run) ? run : body.TryGetProperty("run_id", out _) && body.TryGetProperty("created_at", out _) ? body : null
        : null;

    /// <summary>Whether a client asks again: there was no answer, or one that says to.</summary>
    public bool IsTrouble => Status is 0 or 502 or 503 or 504;
}

/// <summary>Calls any of the servers over HTTP, each call with its own deadline, and records what came of it.</summary>
internal sealed class HttpCaller(Stage stage) : IDisposable
{
    /// <summary>How long a client waits; the service answers before.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    private readonly HttpClient _client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", stage.Options.Key ?? DevelopmentKey.Text) },
    };

    private int _unavailable;
    private int _withoutRetryAfter;

    /// <summary>Answers 503, and how many of them did not say when to ask again.</summary>
    public (int All, int WithoutRetryAfter) Unavailable => (_unavailable, _withoutRetryAfter);

    /// <summary>Asks once.</summary>
    public async Task<HttpAnswer> Once(HttpMethod method, string path, string? body, string call, string? run, int attempt, string? cursor = null, int? events = null, int? server = null)
    {
        var at = server ?? Random.Shared.Next(stage.Addresses.Count);
        using var deadline = new CancellationTokenSource(Deadline + TimeSpan.FromSeconds(2));
        using var request = new HttpRequestMessage(method, new Uri(stage.Addresses[at], path));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        var (start, answer, trouble) = (Watch.Seconds, default(HttpAnswer), default(string));
        try
        {
            using var response = await _client.SendAsync(request, deadline.Token);
            var text = await response.Content.ReadAsByteArrayAsync(deadline.Token);
            answer = new HttpAnswer((int)response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text), start, Watch.Seconds, response.Headers.RetryAfter is not null);
        }
        catch (OperationCanceledException)
        {
            (answer, trouble) = (new HttpAnswer(0, default, start, Watch.Seconds, false), "late");
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException)
        {
            (answer, trouble) = (new HttpAnswer(0, default, start, Watch.Seconds, false), "cut");
        }

        Note(answer, trouble, path, call, run, at);
        stage.History.Add(new CallRecord(
            run ?? answer.Run?.GetProperty("run_id").GetString(), call, stage.NameOf(at), attempt, start, answer.End, trouble ?? $"{answer.Status}", answer.Code, Changed(answer),
            answer.Run?.GetProperty("status").GetString(), cursor, events));
        return answer;
    }

    /// <summary>Asks again until there is an answer.</summary>
    public async Task<HttpAnswer> Ask(HttpMethod method, string path, string? body, string call, Subject subject, string? cursor = null, int? events = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await Once(method, path, body, call, subject.Id, attempt, cursor, events);
            if (!answer.IsTrouble)
            {
                if (answer.Run is { } run)
                {
                    subject.Seen(Observation.Of(run, answer.Start, answer.End));
                }

                return answer;
            }

            await stage.Pause(attempt);
        }
    }

    public void Dispose() => _client.Dispose();

    private void Note(HttpAnswer answer, string? trouble, string path, string call, string? run, int at)
    {
        stage.Count(answer.Status == 0 ? trouble! : $"{answer.Status}");
        if (trouble == "late" && !stage.WasAway(at, answer.Start, answer.End))
        {
            stage.Violations.Add(Promises.Deadlines, $"{call} {run} to {stage.NameOf(at)}, asked at {answer.Start:0.0}, had no answer after {answer.End - answer.Start:0.0} s");
        }

        if (answer.Status == 503)
        {
            Interlocked.Increment(ref _unavailable);
            if (!answer.RetryAfter)
            {
                Interlocked.Increment(ref _withoutRetryAfter);
                stage.Violations.Add(Promises.Answers, $"{call} {run}: 503 without Retry-After");
            }
        }

        if (answer.Status is 500 or (> 0 and < 200))
        {
            stage.Violations.Add(Promises.Answers, $"{call} {run} ({path}) to {stage.NameOf(at)} at {answer.Start:0.0}: {answer.Status} {answer.Body}");
        }
    }

    private static bool? Changed(HttpAnswer answer) =>
        answer.Body.ValueKind != JsonValueKind.Object ? null
        : answer.Body.TryGetProperty("duplicate", out var duplicate) ? !duplicate.GetBoolean()
        : answer.Body.TryGetProperty("cancelled", out var cancelled) ? cancelled.GetBoolean()
        : answer.Body.TryGetProperty("completed", out var completed) ? completed.GetBoolean()
        : null;
}
