using System.Text.Json.Nodes;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;

namespace Runs.FaultInjection.Workload;

/// <summary>The steps of a run that has not ended. Each one records what the response promises.</summary>
internal sealed class RunSteps(Experiment experiment, RecordingHttpClient http, RecordingAmqpClient amqp, RunReads reads)
{
    private long _externalSequence;
    private int _eventCount;

    /// <returns>False when the run accepts no more events.</returns>
    public async Task<bool> Append(TrackedRun run, Random random)
    {
        var names = Enumerable.Range(0, random.Next(1, 6)).Select(_ => $"{run.Id}/{_eventCount++}").ToList();
        var cursor = $"sequence {_externalSequence}";
        var body = new JsonObject
        {
            ["expected_previous_external_event_sequence"] = _externalSequence,
            ["events"] = new JsonArray([.. names.Select(name => new JsonObject { ["type"] = "CUSTOM", ["name"] = name })]),
        };
        var call = new HttpCall("append", HttpMethod.Post, $"/runs/{run.Id}/events", body.ToJsonString(), cursor, names.Count);
        var result = await http.SendWithRetry(call, run);
        switch (result)
        {
            case { Status: 200 }:
                run.RecordAppended(names);
                _externalSequence += names.Count;
                CheckLatestSequence(run, result);
                return true;
            case { Status: 400, Code: "RUN_NOT_ACTIVE" }:
                await reads.CheckIsFinished("append", run);
                return false;
            case { Status: 400, Code: "EVENT_CURSOR_MISMATCH" }:
                experiment.Violations.Add(
                    Invariants.AppendedOnce,
                    $"{run.Id}: there is no other caller that appends, and {cursor} was rejected at {result.Start:0.0}");
                return false;
            default:
                experiment.ReportUnexpected("append", run, result);
                return false;
        }
    }

    /// <returns>False when the run has ended.</returns>
    public async Task<bool> WaitAndResume(TrackedRun run, Random random)
    {
        var toolCall = $"call-{random.Next()}";
        var wait = new JsonObject { ["reason"] = "tool", ["tool_call_id"] = toolCall, ["tool_name"] = "torture" };
        if (!await Send("wait", run, wait, overHttp: random.Next(2) == 0))
        {
            await reads.CheckIsFinished("wait", run);
            return false;
        }

        var resume = new JsonObject { ["tool_call_id"] = toolCall, ["result"] = random.Next() };
        var overHttp = random.Next(2) == 0;
        if (overHttp)
        {
            resume["type"] = "tool_result";
        }

        if (!await Send("resume", run, resume, overHttp))
        {
            await reads.CheckIsFinished("resume", run);
            return false;
        }

        return true;
    }

    /// <returns>Whether the command was accepted.</returns>
    private async Task<bool> Send(string command, TrackedRun run, JsonObject body, bool overHttp)
    {
        if (overHttp)
        {
            var call = new HttpCall(command, HttpMethod.Post, $"/runs/{run.Id}/{command}", body.ToJsonString());
            return (await http.SendWithRetry(call, run)).Status == 200;
        }

        return (await amqp.PublishWithRetry($"runs.{command}-run", AmqpCommand.CreateBody(run, body), reply: true, run)).IsSnapshot;
    }

    private void CheckLatestSequence(TrackedRun run, HttpResult result)
    {
        if (result.Body.GetProperty("latest_external_event_sequence").GetInt64() < _externalSequence)
        {
            experiment.Violations.Add(
                Invariants.AppendedOnce,
                $"{run.Id}: after {_externalSequence} events the response is {result.Body}");
        }
    }
}
