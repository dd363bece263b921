using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Runs.Server.Logging;

/// <summary>
/// Writes a log entry as one line with one JSON object: <c>timestamp</c> (UTC, milliseconds), <c>level</c>,
/// <c>category</c>, <c>event_id</c>, <c>message</c>, <c>exception</c>, <c>trace_id</c>, <c>span_id</c>, and beside them
/// the arguments of the message and the members of the scopes, in snake_case. The formatter of .NET nests these, so
/// that a log store cannot search them by one name.
/// </summary>
internal sealed class JsonLogFormatter() : ConsoleFormatter(FormatterName)
{
    /// <summary>The value of <c>Logging:Console:FormatterName</c>.</summary>
    public const string FormatterName = "runs-json";

    // What the formatter of .NET calls the template of the message in the list of its arguments.
    private const string Template = "{OriginalFormat}";

    // Not for HTML. Control characters are escaped all the same, so that an entry is one line.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        ArgumentNullException.ThrowIfNull(textWriter);
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            var members = new Members(json);
            members.Write("timestamp", TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            members.Write("level", logEntry.LogLevel.ToString());
            members.Write("category", logEntry.Category);
            members.Write("event_id", logEntry.EventId.Id);
            members.Write("message", logEntry.Formatter(logEntry.State, logEntry.Exception));
            members.Write("exception", logEntry.Exception?.ToString());
            members.Write("trace_id", Activity.Current?.TraceId.ToHexString());
            members.Write("span_id", Activity.Current?.SpanId.ToHexString());
            members.WriteAll(logEntry.State);
            foreach (var scope in GetScopes(scopeProvider))
            {
                members.WriteAll(scope);
            }

            json.WriteEndObject();
        }

        textWriter.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        textWriter.Write('\n');
    }

    // The innermost first: its members hide those of the outer ones.
    private static List<object?> GetScopes(IExternalScopeProvider? scopes)
    {
        var list = new List<object?>();
        scopes?.ForEachScope((scope, found) => found.Add(scope), list);
        list.Reverse();
        return list;
    }

    /// <summary>The members of an entry. Of several with the same name, the first one is written.</summary>
    private readonly struct Members(Utf8JsonWriter json)
    {
        private readonly HashSet<string> _names = new(16, StringComparer.Ordinal);

        public void WriteAll(object? values)
        {
            if (values is not IEnumerable<KeyValuePair<string, object?>> members)
            {
                return;
            }

            foreach (var (name, value) in members)
            {
                if (name != Template)
                {
                    Write(JsonNamingPolicy.SnakeCaseLower.ConvertName(name), value);
                }
            }
        }

        public void Write(string name, object? value)
        {
            if (value is null || !_names.Add(name))
            {
                return;
            }

            json.WritePropertyName(name);
            switch (value)
            {
                case string text:
                    json.WriteStringValue(text);
                    break;
                case bool boolean:
                    json.WriteBooleanValue(boolean);
                    break;
                case int or long or short or byte or uint:
                    json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                    break;
                case double number when double.IsFinite(number):
                    json.WriteNumberValue(number);
                    break;
                case IFormattable formattable:
                    json.WriteStringValue(formattable.ToString(null, CultureInfo.InvariantCulture));
                    break;
                default:
                    json.WriteStringValue(value.ToString());
                    break;
            }
        }
    }
}
