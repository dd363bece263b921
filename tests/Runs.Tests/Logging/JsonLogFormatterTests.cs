using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Runs.Tests.Logging;

/// <summary>Each log entry is one line with one object, whose members can be searched by name.</summary>
public sealed partial class JsonLogFormatterTests
{
    private readonly JsonLogCapture _capture = new();
    private readonly ILogger _log;

    public JsonLogFormatterTests() => _log = _capture.CreateLogger("Some");

    [Fact]
    public void An_entry_has_its_arguments_and_scopes_beside_each_other()
    {
        using var span = new Activity("test").Start();
        using (_log.BeginScope(new Dictionary<string, object?> { ["tenant"] = "outer", ["RequestId"] = "r1", ["run_id"] = null }))
        using (_log.BeginScope(new Dictionary<string, object?> { ["tenant"] = "inner", ["attempt"] = 2L, ["ok"] = true }))
        {
            LogEnd(_log, "run_1", 1.5);
        }

        var entry = ReadEntry();
        string[] arguments = ["run_id", "seconds"];
        Assert.Equal(
            ["timestamp", "level", "category", "event_id", "message", "trace_id", "span_id", "tenant", "attempt", "ok", "request_id"],
            entry.EnumerateObject().Select(member => member.Name).Except(arguments));
        Assert.Equal("Run run_1 ended after 1.5 s", entry.GetProperty("message").GetString());
        Assert.Equal(("Warning", "Some", 7), (Text("level"), Text("category"), entry.GetProperty("event_id").GetInt32()));
        Assert.Equal((span.TraceId.ToHexString(), span.SpanId.ToHexString()), (Text("trace_id"), Text("span_id")));
        Assert.Equal(("run_1", "inner", "r1"), (Text("run_id"), Text("tenant"), Text("request_id")));
        Assert.Equal((1.5, 2, true), (
            entry.GetProperty("seconds").GetDouble(), entry.GetProperty("attempt").GetInt64(), entry.GetProperty("ok").GetBoolean()));
        Assert.EndsWith("Z", Text("timestamp"), StringComparison.Ordinal);
        Assert.InRange(
            DateTimeOffset.Parse(Text("timestamp")!, CultureInfo.InvariantCulture),
            TimeProvider.System.GetUtcNow().AddMinutes(-1),
            TimeProvider.System.GetUtcNow());

        string? Text(string name) => entry.GetProperty(name).GetString();
    }

    [Fact]
    public void An_exception_is_written_whole()
    {
        LogFailure(_log, new InvalidOperationException("outer", new FormatException("inner")));

        var exception = ReadEntry().GetProperty("exception").GetString();
        Assert.Contains("InvalidOperationException: outer", exception, StringComparison.Ordinal);
        Assert.Contains("FormatException: inner", exception, StringComparison.Ordinal);
    }

    /// <summary>
    /// Values come from outside: they cannot begin another line or object, or hide a member of the service.
    /// </summary>
    [Fact]
    public void A_value_cannot_forge_an_entry()
    {
        const string hostile = "a\"}\r\n{\"level\":\"Critical\"}\u001b[2J\u0085\u2028";
        using (_log.BeginScope(new Dictionary<string, object?> { ["Level"] = hostile, ["message"] = hostile }))
        {
            LogEnd(_log, hostile, double.NaN);
        }

        var line = Assert.Single(_capture.Lines);
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        Assert.DoesNotContain(line[..^1], char.IsControl);
        var entry = ReadEntry();
        Assert.Equal("Warning", entry.GetProperty("level").GetString());
        Assert.Equal(hostile, entry.GetProperty("run_id").GetString());
        Assert.Equal("NaN", entry.GetProperty("seconds").GetString());
        Assert.Single(entry.EnumerateObject(), member => member.Name == "level");
    }

    private JsonElement ReadEntry() => Assert.Single(_capture.GetEntries("Some"));

    [LoggerMessage(7, LogLevel.Warning, "Run {RunId} ended after {Seconds} s")]
    private static partial void LogEnd(ILogger log, string runId, double seconds);

    [LoggerMessage(LogLevel.Error, "It failed")]
    private static partial void LogFailure(ILogger log, Exception exception);
}
