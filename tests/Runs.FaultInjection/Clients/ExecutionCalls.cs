using System.Text.Json;
using Runs.FaultInjection.Reporting;

namespace Runs.FaultInjection.Clients;

/// <summary>The calls by which a worker executes runs, as the history has them: with their runs and attempts.</summary>
internal static class ExecutionCalls
{
    public const string Register = "register";
    public const string Claim = "claim";
    public const string Heartbeat = "heartbeat";
    public const string Renewal = "renewal";
    public const string Release = "release";
    public const string Session = "session";
    public const string Append = "append";
    public const string Wait = "wait";
    public const string Complete = "complete";
    public const string Other = "other";

    /// <summary>Not a call: the token of a handler was cancelled. The code of the record is the reason.</summary>
    public const string Stopped = "stopped";

    /// <summary>The code of the record of a renewal whose attempt the worker no longer holds.</summary>
    public const string Lost = "LOST";

    /// <summary>The calls that change the life or the log of a run, and name their attempt.</summary>
    public static IReadOnlySet<string> Writes { get; } = new HashSet<string> { Append, Wait, Complete, Release, Session };

    /// <summary>The name of a call, from its method and path.</summary>
    public static string GetName(HttpMethod method, string path) => path.Split('/', '?') switch
    {
        ["", "agent-workers", "projects", _, "workers"] => Register,
        ["", "agent-workers", "workers", _, "claim", ..] => Claim,
        ["", "agent-workers", "workers", _, "heartbeat", ..] => Heartbeat,
        ["", "agent-workers", "workers", _, "runs", _, "lease", ..] => method == HttpMethod.Delete ? Release : Renewal,
        ["", "agent-workers", "workers", _, "runs", _, "session", ..] => Session,
        ["", "runs", _, "events", ..] when method == HttpMethod.Post => Append,
        ["", "runs", _, "wait", ..] => Wait,
        ["", "runs", _, "complete", ..] => Complete,
        _ => Other,
    };

    /// <summary>
    /// The records of a call: one for each run that a claim has taken or a heartbeat has named; otherwise one.
    /// </summary>
    public static IEnumerable<CallRecord> Read(HttpCall call, HttpResult result, string server, string answer)
    {
        JsonElement? body = string.IsNullOrEmpty(call.Body) ? null : JsonElement.Parse(call.Body);
        var record = new CallRecord(GetRunId(call.Path), call.Name, server, 1, result.Start, result.End, answer)
        {
            Code = result.Code,
            Changed = result.Changed,
            Status = Find(result.Run, "status")?.GetString(),
            Worker = call.Worker,
            RunAttempt = Find(body, "attempt")?.GetInt32(),
            AppendedEvents = call.Name == Append ? ReadEventNames(body) : null,
        };
        return (call.Name, result.Status) switch
        {
            (Claim, 200) => ReadClaim(record, result),
            (Heartbeat, 200) => [record, .. ReadRuns(result.Body).Select(run => ToRenewal(record, run))],
            (Renewal, 200) => [ToRenewal(record, result.Run)],
            _ => [record],
        };
    }

    /// <summary>The runs in the response to a claim or a heartbeat.</summary>
    public static IReadOnlyList<JsonElement> ReadRuns(JsonElement body) =>
        Find(body, "runs") is { } runs ? [.. runs.EnumerateArray()]
        : Find(body, "run") is { } run ? [run]
        : [];

    private static IEnumerable<CallRecord> ReadClaim(CallRecord record, HttpResult result)
    {
        var runs = ReadRuns(result.Body);
        return runs.Count == 0 ? [record] : runs.Select(run => record with
        {
            Run = run.GetProperty("run_id").GetString(),
            Status = run.GetProperty("status").GetString(),
            RunAttempt = run.GetProperty("attempt").GetInt32(),
            LeaseExpiresAt = run.GetProperty("lease_expires_at").GetDateTimeOffset(),
        });
    }

    private static CallRecord ToRenewal(CallRecord record, JsonElement? run)
    {
        var end = Find(run, "lease_expires_at");
        return record with
        {
            Call = Renewal,
            Run = Find(run, "run_id")?.GetString() ?? record.Run,
            RunAttempt = Find(run, "attempt")?.GetInt32() ?? record.RunAttempt,
            Status = Find(run, "status")?.GetString(),
            LeaseExpiresAt = end?.GetDateTimeOffset(),
            Code = end is null ? Lost : null,
        };
    }

    private static string? GetRunId(string path) => path.Split('/', '?') switch
    {
        ["", "agent-workers", "workers", _, "runs", var run, ..] => Uri.UnescapeDataString(run),
        ["", "runs", var run, ..] => Uri.UnescapeDataString(run),
        _ => null,
    };

    private static List<string> ReadEventNames(JsonElement? body) => Find(body, "events") is { } events
        ? [.. events.EnumerateArray().Select(appended => Find(appended, "name")?.GetString()).OfType<string>()]
        : [];

    private static JsonElement? Find(JsonElement? value, string name) =>
        value is { ValueKind: JsonValueKind.Object } body
        && body.TryGetProperty(name, out var member)
        && member.ValueKind != JsonValueKind.Null
            ? member
            : null;
}
