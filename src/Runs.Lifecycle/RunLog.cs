using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// The events that the service itself writes into a run's log, as AG-UI has them (https://docs.ag-ui.com/concepts/events): the first and the last. They are part of
/// the write that changes the status: whoever sees the one sees the other.
/// </summary>
internal static class RunLog
{
    // What an executor told at the end may be larger than events should be; then it stands in the run only.
    private const int MostMetadata = 64 * 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Begins the log, with the executor's own event where there is one.</summary>
    public static void LogStart(this RunState state, RawJson? own)
    {
        if (own is { } started)
        {
            state.Log(RunEventTypes.RunStarted, started, isExternal: true);
            return;
        }

        state.Log(RunEventTypes.RunStarted, Event(state.Run, RunEventTypes.RunStarted, json => WriteIfPresent(json, "agentId", state.Run.AgentId)));
    }

    /// <summary>Ends the log.</summary>
    public static void LogEnd(this RunState state)
    {
        var run = state.Run;
        var (type, write) = run.Status switch
        {
            RunStatuses.Completed => (RunEventTypes.RunFinished, json => WriteMetadata(json, run)),
            RunStatuses.Cancelled => (RunEventTypes.RunError, json => WriteError(json, "The run was cancelled.", "CANCELLED")),
            _ => (RunEventTypes.RunError, (Action<Utf8JsonWriter>)(json => WriteError(json, run.Error!.Message, run.Error.Code))),
        };
        state.Log(type, Event(run, type, write));
    }

    private static RawJson Event(Run run, string type, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("runId", run.RunId);
            json.WriteString("threadId", run.ConversationId ?? run.RunId);
            write(json);
            json.WriteEndObject();
        }

        return new RawJson(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void WriteError(Utf8JsonWriter json, string message, string? code)
    {
        json.WriteString("message", message);
        WriteIfPresent(json, "code", code);
    }

    private static void WriteMetadata(Utf8JsonWriter json, Run run)
    {
        if (run.Metadata is { Text: { Length: <= MostMetadata } metadata } && metadata != RawJson.Null.Text)
        {
            json.WritePropertyName("metadata");
            json.WriteRawValue(metadata, skipInputValidation: true);
        }
    }

    private static void WriteIfPresent(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
