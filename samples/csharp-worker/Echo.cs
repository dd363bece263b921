using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Runs.Contracts;

namespace Runs.Samples.Worker;

/// <summary>What this worker executes: it says back what the run was given, and asks a tool first if it is told to. Your executor's own work goes here.</summary>
/// <param name="Events">
/// Everything that the run's log gets from this worker, in its order, as far as it can be known: up to a tool's answer that has not come. It follows from the run
/// and the answer alone, without times and random ids: only so can what was appended before a crash be told from what was not.
/// </param>
/// <param name="Output">The run's output, or null when the tool's answer has to come first.</param>
internal sealed record Echo(IReadOnlyList<JsonObject> Events, RawJson? Output)
{
    public const string Tool = "ask";

    /// <summary>The tool call by which a run of this worker waits.</summary>
    public static string CallOf(string runId) => $"echo_{runId}";

    public static Echo Of(RunResource run, string messageId, RunResumed? answer)
    {
        var input = JsonNode.Parse((run.Input ?? run.Config ?? RawJson.Null).Text) as JsonObject ?? [];
        var message = (input["messages"] as JsonArray)?.LastOrDefault() as JsonObject;
        var part = (message?["parts"] as JsonArray)?.FirstOrDefault() as JsonObject;
        var text = (part?["text"] ?? input["text"])?.ToString() ?? "";
        var events = new List<JsonObject>();
        if (input["ask_tool"]?.GetValueKind() == JsonValueKind.True)
        {
            var call = CallOf(run.RunId);
            events.Add(new() { ["type"] = "TOOL_CALL_START", ["toolCallId"] = call, ["toolCallName"] = Tool });
            events.Add(new() { ["type"] = "TOOL_CALL_END", ["toolCallId"] = call });
            if (answer is null)
            {
                return new Echo(events, null);
            }

            var content = JsonNode.Parse(answer.Result.Text)?.ToString() ?? "null";
            events.Add(new()
            {
                ["type"] = "TOOL_CALL_RESULT",
                ["messageId"] = $"{call}_result",
                ["toolCallId"] = call,
                ["role"] = "tool",
                ["content"] = content,
                ["isError"] = answer.IsError,
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
