using System.Text.Json;
using System.Text.Json.Nodes;
using Runs.FaultInjection.Checking;

namespace Runs.FaultInjection.Workload;

/// <summary>One run from its create to its end, as one caller drives it. What happens in it follows from the seed and its number alone.</summary>
internal sealed class RunWorkload(Experiment experiment, RecordingHttpClient http, RecordingAmqpClient amqp, int number, TrackedRun? parent)
{
    private const string ParentCancelled = "PARENT_CANCELLED";

    private long _externalSequence;
    private int _eventCount;

    /// <summary>A number of its own for each life of each seed; not <see cref="HashCode"/>, which differs with every process.</summary>
    public static Random CreateRandom(int seed, int number) => new(unchecked((seed * 1_000_003) ^ (number * 7_919)));

    /// <summary>Lives it.</summary>
    /// <returns>The run, when it exists; null when it may not.</returns>
    public async Task<TrackedRun?> Execute()
    {
        var random = CreateRandom(experiment.Options.Seed, number);
        if (await Create(random) is not { } run)
        {
            return null;
        }

        for (var steps = random.Next(0, 5); steps > 0; steps--)
        {
            if (!await ExecuteStep(run, random))
            {
                break;
            }
        }

        await Finish(run, random);
        await CheckReads(run);
        return run;
    }

    /// <summary>A run that two callers end at the same moment, one way each.</summary>
    public async Task ExecuteFinishRace()
    {
        var random = CreateRandom(experiment.Options.Seed, number);
        var run = experiment.TrackRun($"{experiment.RunIdPrefix}-{number}", null);
        await CreateOverHttp(run, CreateBody(run, random));
        await RaceToFinish(run, random);
        await CheckReads(run);
    }

    private async Task<TrackedRun?> Create(Random random)
    {
        var kind = random.Next(100);
        if (kind < 6)
        {
            return await CreateWithoutId(random);
        }

        var run = experiment.TrackRun($"{experiment.RunIdPrefix}-{number}", random.Next(4) == 0 ? parent : null);
        var body = CreateBody(run, random);
        switch (kind)
        {
            case < 50:
                await CreateOverHttp(run, body);
                break;
            case < 65:
                await CreateOverAmqp(run, body);
                break;
            case < 75 when run.Parent is null: // a child might be refused, and nobody would be told
                await Publish("runs.create-run", CommandBody(run, body), run);
                run.RecordConfirmedCreate();
                await WaitUntilReadable(run);
                break;
            case < 96:
                await Task.WhenAll(Enumerable.Range(0, random.Next(2, 4)).Select(_ => CreateOverHttp(run, body))
                    .Append(CreateOverAmqp(run, body)));
                break;
            default: // a cancel that asks for no answer is kept for its create
                await Publish("runs.cancel-run", CommandBody(run), run);
                run.RecordConfirmedFinish();
                await CreateOverHttp(run, body);
                break;
        }

        return run.MustExist ? run : null; // or it was refused
    }

    // Without an id a repeat would be another run: no answer is the end of it.
    private async Task<TrackedRun?> CreateWithoutId(Random random)
    {
        var answer = await http.SendOnce(HttpMethod.Post, "/runs", CreateBody(null, random).ToJsonString(), "create anonymous", null, 1);
        if (answer.Status != 202)
        {
            experiment.CountResponse("anonymous creates without an answer");
            return null;
        }

        var run = experiment.TrackRun(answer.Run!.Value.GetProperty("run_id").GetString()!, null);
        run.RecordCreated(!answer.Body.GetProperty("duplicate").GetBoolean());
        run.RecordObservation(Observation.FromJson(answer.Run.Value, answer.Start, answer.End));
        return run;
    }

    private async Task CreateOverHttp(TrackedRun run, JsonObject body)
    {
        var answer = await http.SendWithRetry(HttpMethod.Post, "/runs", body.ToJsonString(), "create", run);
        if (answer.Status == 202)
        {
            run.RecordCreated(!answer.Body.GetProperty("duplicate").GetBoolean());
        }
        else if (answer.Code == ParentCancelled)
        {
            run.RecordRejected();
        }
        else
        {
            ReportUnexpected("create", run, answer);
        }
    }

    private async Task CreateOverAmqp(TrackedRun run, JsonObject body)
    {
        var answer = await amqp.PublishWithRetry("runs.create-run", CommandBody(run, body), reply: true, run);
        if (answer.Kind == "RunSnapshot")
        {
            run.RecordCreated(answer.Changed);
        }
        else if (answer.Code == ParentCancelled)
        {
            run.RecordRejected();
        }
        else
        {
            ReportUnexpected("create", run, answer);
        }
    }

    /// <returns>False when the run takes no more of these.</returns>
    private async Task<bool> ExecuteStep(TrackedRun run, Random random) => random.Next(10) switch
    {
        < 6 => await Append(run, random),
        < 8 => await WaitAndResume(run, random),
        _ => await CheckReads(run),
    };

    private async Task<bool> Append(TrackedRun run, Random random)
    {
        var names = Enumerable.Range(0, random.Next(1, 6)).Select(_ => $"{run.Id}/{_eventCount++}").ToList();
        var (cursor, body) = ($"sequence {_externalSequence}", new JsonObject
        {
            ["expected_previous_external_event_sequence"] = _externalSequence,
            ["events"] = new JsonArray([.. names.Select(name => new JsonObject { ["type"] = "CUSTOM", ["name"] = name })]),
        });
        var answer = await http.SendWithRetry(HttpMethod.Post, $"/runs/{run.Id}/events", body.ToJsonString(), "append", run, cursor, names.Count);
        switch (answer)
        {
            case { Status: 200 }:
                run.RecordAppended(names);
                _externalSequence += names.Count;
                if (answer.Body.GetProperty("latest_external_event_sequence").GetInt64() < _externalSequence)
                {
                    experiment.Violations.Add(Invariants.AppendedOnce, $"{run.Id}: after {_externalSequence} events the answer is {answer.Body}");
                }

                return true;
            case { Status: 400, Code: "RUN_NOT_ACTIVE" }:
                return await ConfirmFinished("append", run);
            case { Status: 400, Code: "EVENT_CURSOR_MISMATCH" }:
                experiment.Violations.Add(Invariants.AppendedOnce, $"{run.Id}: nobody else appends, and {cursor} was refused at {answer.Start:0.0}");
                return false;
            default:
                ReportUnexpected("append", run, answer);
                return false;
        }
    }

    private async Task<bool> WaitAndResume(TrackedRun run, Random random)
    {
        var call = $"call-{random.Next()}";
        var wait = new JsonObject { ["reason"] = "tool", ["tool_call_id"] = call, ["tool_name"] = "torture" };
        var answer = random.Next(2) == 0
            ? await http.SendWithRetry(HttpMethod.Post, $"/runs/{run.Id}/wait", wait.ToJsonString(), "wait", run) is { Status: 200 }
            : await amqp.PublishWithRetry("runs.wait-run", CommandBody(run, wait), reply: true, run) is { Kind: "RunSnapshot" };
        if (!answer)
        {
            return await ConfirmFinished("wait", run);
        }

        var resume = new JsonObject { ["tool_call_id"] = call, ["result"] = random.Next() };
        if (random.Next(2) == 0)
        {
            resume["type"] = "tool_result";
            answer = await http.SendWithRetry(HttpMethod.Post, $"/runs/{run.Id}/resume", resume.ToJsonString(), "resume", run) is { Status: 200 };
        }
        else
        {
            answer = await amqp.PublishWithRetry("runs.resume-run", CommandBody(run, resume), reply: true, run) is { Kind: "RunSnapshot" };
        }

        return answer || await ConfirmFinished("resume", run);
    }

    private async Task Finish(TrackedRun run, Random random)
    {
        switch (random.Next(100))
        {
            case < 25:
                await Cancel(run, random);
                break;
            case < 70:
                await Complete(run, random.Next(4) == 0 ? "failed" : "completed", random);
                break;
            case < 80:
                await RaceToFinish(run, random);
                break;
            case < 85:
                await Publish("runs.cancel-run", CommandBody(run), run);
                run.RecordConfirmedFinish();
                break;
            case < 90:
                await Publish("runs.complete-run", CommandBody(run, new JsonObject { ["status"] = "completed" }), run);
                run.RecordConfirmedFinish();
                break;
            case < 95 when run.Parent is { } above: // and with it this run, if it still goes on
                await Cancel(above, random);
                break;
            default:
                break; // left as it is
        }
    }

    private Task RaceToFinish(TrackedRun run, Random random) =>
        Task.WhenAll(Cancel(run, new Random(random.Next())), Complete(run, "completed", new Random(random.Next())));

    private async Task Cancel(TrackedRun run, Random random)
    {
        if (random.Next(2) == 0)
        {
            var answer = await http.SendWithRetry(HttpMethod.Post, $"/runs/{run.Id}/cancel", null, "cancel", run);
            RecordOutcome("cancel", run, "cancelled", answer, changed: answer.Status == 200 && answer.Body.GetProperty("cancelled").GetBoolean());
        }
        else
        {
            RecordOutcome("cancel", run, "cancelled", await amqp.PublishWithRetry("runs.cancel-run", CommandBody(run), reply: true, run));
        }
    }

    private async Task Complete(TrackedRun run, string status, Random random)
    {
        var body = new JsonObject { ["status"] = status };
        if (random.Next(2) == 0)
        {
            // Whether it was this call is not told over HTTP, only whether it is so now.
            var answer = await http.SendWithRetry(HttpMethod.Post, $"/runs/{run.Id}/complete", body.ToJsonString(), "complete", run);
            RecordOutcome("complete", run, status, answer, changed: false);
        }
        else
        {
            RecordOutcome("complete", run, status, await amqp.PublishWithRetry("runs.complete-run", CommandBody(run, body), reply: true, run));
        }
    }

    private void RecordOutcome(string call, TrackedRun run, string asked, HttpResult answer, bool changed)
    {
        if (answer.Status != 200)
        {
            ReportUnexpected(call, run, answer);
            return;
        }

        run.RecordOutcome(asked, changed);
        var status = answer.Run!.Value.GetProperty("status").GetString()!;
        if (answer.Body.TryGetProperty("completed", out var told) && told.GetBoolean() != (status == asked))
        {
            experiment.Violations.Add(Invariants.FirstOutcomeWins, $"{run.Id}: {call} to {asked} is told completed {told} of a run that is {status}");
        }
    }

    private void RecordOutcome(string call, TrackedRun run, string asked, AmqpResult answer)
    {
        if (answer.Kind != "RunSnapshot")
        {
            ReportUnexpected(call, run, answer);
            return;
        }

        run.RecordOutcome(asked, answer.Changed);
    }

    // Somebody else ended it: a cancel of what is above it, or the one that came before its create. Nothing else is a reason to refuse.
    private async Task<bool> ConfirmFinished(string call, TrackedRun run)
    {
        var answer = await http.SendWithRetry(HttpMethod.Get, $"/runs/{run.Id}", null, "read", run);
        if (answer.Run?.GetProperty("status").GetString() is not ("completed" or "failed" or "cancelled"))
        {
            experiment.Violations.Add(Invariants.DocumentedResponses, $"{run.Id}: {call} was refused before {answer.Start:0.0}, and the run goes on: {answer.Status} {answer.Body}");
        }

        return false;
    }

    /// <summary>Reads the run and its log: everything that was answered before has to be there.</summary>
    private async Task<bool> CheckReads(TrackedRun run)
    {
        var acknowledged = run.AcknowledgedEvents;
        var answer = await http.SendWithRetry(HttpMethod.Get, $"/runs/{run.Id}", null, "read", run);
        if (answer.Status != 200)
        {
            ReportUnexpected("read", run, answer);
        }

        if (acknowledged.Count > 0)
        {
            var log = await http.SendWithRetry(HttpMethod.Get, $"/runs/{run.Id}/events?limit=500", null, "read log", run);
            var shown = log.Status == 200 ? log.Body.GetProperty("data").EnumerateArray().Select(logged => EventName(logged.GetProperty("payload"))).ToHashSet() : [];
            if (!acknowledged.IsSubsetOf(shown))
            {
                experiment.Violations.Add(Invariants.ReadAfterWrite, $"{run.Id}: {acknowledged.Count} events were answered, and a later read at {log.Start:0.0} shows {shown.Count} ({log.Status})");
            }
        }

        return true;
    }

    // The broker has confirmed the command; it exists once somebody has handled it.
    private async Task WaitUntilReadable(TrackedRun run)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await http.SendWithRetry(HttpMethod.Get, $"/runs/{run.Id}", null, "read", run) is { Status: 200 })
            {
                return;
            }

            await experiment.DelayBeforeRetry(attempt);
        }
    }

    private async Task Publish(string exchange, string body, TrackedRun run) => await amqp.PublishWithRetry(exchange, body, reply: false, run);

    private JsonObject CreateBody(TrackedRun? run, Random random)
    {
        var body = random.Next(2) == 0
            ? new JsonObject { ["kind"] = "task", ["request"] = new JsonObject { ["target"] = "task:torture", ["input"] = new JsonObject { ["n"] = number } } }
            : new JsonObject { ["kind"] = "agent", ["request"] = new JsonObject { ["agent_id"] = "torture", ["input"] = new JsonObject { ["n"] = number } } };
        body["owner"] = new JsonObject { ["kind"] = "project", ["id"] = experiment.ProjectId };
        if (random.Next(3) == 0 && body["kind"]!.GetValue<string>() == "agent")
        {
            body["request"]!["initial_status"] = "running";
        }

        if (run is not null)
        {
            body["public_id"] = run.Id;
            if (run.Parent is { } above)
            {
                body["parent_run_id"] = above.Id;
            }
        }

        return body;
    }

    private static string CommandBody(TrackedRun run, JsonObject? members = null)
    {
        var command = members?.DeepClone().AsObject() ?? [];
        command.Remove("public_id");
        (command["tenant"], command["run_id"]) = ("dev", run.Id);
        return command.ToJsonString();
    }

    private static string EventName(JsonElement payload) => payload.TryGetProperty("name", out var name) ? name.GetString()! : "";

    private void ReportUnexpected(string call, TrackedRun run, HttpResult answer) => experiment.Violations.Add(
        answer.Status == 404 && run.MustExist ? Invariants.ReadAfterWrite : Invariants.DocumentedResponses, $"{run.Id}: {call} at {answer.Start:0.0} was answered {answer.Status} {answer.Code} {answer.Body}");

    private void ReportUnexpected(string call, TrackedRun run, AmqpResult answer) => experiment.Violations.Add(
        answer.Code == "RUN_NOT_FOUND" && run.MustExist ? Invariants.ReadAfterWrite : Invariants.DocumentedResponses,
        $"{run.Id}: {call} at {answer.Start:0.0} over the broker was answered {answer.Kind} {answer.Code}");
}
