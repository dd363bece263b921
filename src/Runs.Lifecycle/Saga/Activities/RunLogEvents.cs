using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Creates the events that the service itself appends to a run's log, in the format of AG-UI
/// (https://docs.ag-ui.com/concepts/events): the first, the last, and those of attempts in between. They are stored in
/// the same write as the change of the run, so a reader sees both or none.
/// </summary>
internal static class RunLogEvents
{
    // Larger outcome metadata is stored only in the run, not in the event.
    private const int MaxMetadataLength = 64 * 1024;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Appends the first event: the event of the executor, if it sent one.</summary>
    public static void AppendStartedEvent(Run run, RunMessageContext messageContext, RawJson? executorEvent)
    {
        if (executorEvent is { } started)
        {
            messageContext.AppendEvent(run, RunEventTypes.RunStarted, started, isExternal: true);
            return;
        }

        var created = CreateEvent(run, RunEventTypes.RunStarted, json => json.WriteStringIfPresent("agentId", run.AgentId));
        messageContext.AppendEvent(run, RunEventTypes.RunStarted, created);
    }

    /// <summary>Appends the last event.</summary>
    public static void AppendFinishedEvent(Run run, RunMessageContext messageContext)
    {
        var (type, write) = run.Status switch
        {
            RunStatuses.Completed => (RunEventTypes.RunFinished, json => WriteMetadata(json, run)),
            RunStatuses.Cancelled => (RunEventTypes.RunError, json => WriteError(json, "The run was cancelled.", "CANCELLED")),
            _ => (RunEventTypes.RunError, (Action<Utf8JsonWriter>)(json => WriteError(json, run.Error!.Message, run.Error.Code))),
        };
        messageContext.AppendEvent(run, type, CreateEvent(run, type, write));
    }

    /// <summary>
    /// Appends the start or the end of the last attempt:
    /// <c>{"type":"CUSTOM","name":"runs.attempt","value":{"attempt":2, "state":"started"}}</c>. Readers of AG-UI ignore
    /// names that they do not know.
    /// </summary>
    public static void AppendAttemptEvent(Run run, RunMessageContext messageContext)
    {
        var attempt = run.Attempts[^1];
        messageContext.AppendEvent(run, RunEventTypes.Custom, CreateEvent(run, RunEventTypes.Custom, json =>
        {
            json.WriteString("name", "runs.attempt");
            json.WriteStartObject("value");
            json.WriteNumber("attempt", attempt.Attempt);
            json.WriteString("state", attempt.Outcome ?? "started");
            json.WriteStringIfPresent("worker_key", attempt.WorkerKey);
            if (attempt.Error is { } error)
            {
                json.WriteStartObject("error");
                WriteError(json, error.Message, error.Code);
                json.WriteEndObject();
            }

            if (attempt.RetryAt is { } retryAt)
            {
                json.WriteString("next_attempt_at", retryAt.UtcDateTime);
            }

            json.WriteEndObject();
        }));
    }

    private static RawJson CreateEvent(Run run, string type, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
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
        json.WriteStringIfPresent("code", code);
    }

    private static void WriteMetadata(Utf8JsonWriter json, Run run)
    {
        if (run.Metadata is { Text: { Length: <= MaxMetadataLength } metadata } && metadata != RawJson.Null.Text)
        {
            json.WritePropertyName("metadata");
            json.WriteRawValue(metadata, skipInputValidation: true);
        }
    }
}
