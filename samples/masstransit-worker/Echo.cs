using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Runs.Contracts;

namespace Runs.Samples.MassTransitWorker;

/// <summary>
/// The work of this executor: it echoes the run's input, and first calls a tool if the input requests it. Replace it
/// with your own work.
/// </summary>
/// <param name="Events">
/// All events that the run's log gets from this worker, in order, up to a tool call that has no result yet. They depend
/// on the run and the result alone, without times and random ids. Therefore a worker that continues after a crash can
/// determine which events were appended.
/// </param>
/// <param name="Output">The run's output; null until the tool has returned its result.</param>
internal sealed record Echo(IReadOnlyList<JsonObject> Events, RawJson? Output)
{
    public const string Tool = "ask";

    /// <summary>The id of the tool call that a run of this worker waits for.</summary>
    public static string GetToolCallId(string runId) => $"echo_{runId}";

    public static Echo Create(RunResource run, string messageId, RunResumed? toolResult)
    {
        var input = JsonNode.Parse((run.Input ?? run.Config ?? RawJson.Null).Text) as JsonObject ?? [];
        var message = (input["messages"] as JsonArray)?.LastOrDefault() as JsonObject;
        var part = (message?["parts"] as JsonArray)?.FirstOrDefault() as JsonObject;
        var text = (part?["text"] ?? input["text"])?.ToString() ?? "";
        var events = new List<JsonObject>();
        if (input["ask_tool"]?.GetValueKind() == JsonValueKind.True)
        {
            var call = GetToolCallId(run.RunId);
            events.Add(new() { ["type"] = "TOOL_CALL_START", ["toolCallId"] = call, ["toolCallName"] = Tool });
            events.Add(new() { ["type"] = "TOOL_CALL_END", ["toolCallId"] = call });
            if (toolResult is null)
            {
                return new Echo(events, null);
            }

            var content = JsonNode.Parse(toolResult.Result.Text)?.ToString() ?? "null";
            events.Add(new()
            {
                ["type"] = "TOOL_CALL_RESULT",
                ["messageId"] = $"{call}_result",
                ["toolCallId"] = call,
                ["role"] = "tool",
                ["content"] = content,
                ["isError"] = toolResult.IsError,
            });
            text += $" {content}";
        }

        events.Add(new() { ["type"] = "TEXT_MESSAGE_START", ["messageId"] = messageId, ["role"] = "assistant" });
        events.AddRange(Regex.Split(text, @"(?<=\s)").Where(word => word.Length > 0).Select(word =>
            new JsonObject { ["type"] = "TEXT_MESSAGE_CONTENT", ["messageId"] = messageId, ["delta"] = word }));
        events.Add(new() { ["type"] = "TEXT_MESSAGE_END", ["messageId"] = messageId });
        return new Echo(events, new RawJson(new JsonObject { ["text"] = text }.ToJsonString()));
    }
}
