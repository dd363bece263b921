using System.Text.Json;
using System.Text.Json.Nodes;

namespace Runs.Bench.Torture;

/// <summary>One run from its create to its end, as one caller drives it. What happens in it follows from the seed and its number alone.</summary>
internal sealed class Life(Stage stage, HttpCaller http, BrokerCaller broker, int number, Subject? parent)
{
    private const string ParentCancelled = "PARENT_CANCELLED";

    private long _sequence;
    private int _events;

    /// <summary>A number of its own for each life of each seed; not <see cref="HashCode"/>, which differs with every process.</summary>
    public static Random RandomOf(int seed, int number) => new(unchecked((seed * 1_000_003) ^ (number * 7_919)));

    /// <summary>Lives it.</summary>
    /// <returns>The run, when it exists; null when it may not.</returns>
    public async Task<Subject?> Live()
    {
        var random = RandomOf(stage.Options.Seed, number);
        if (await Create(random) is not { } run)
        {
            return null;
        }

        for (var steps = random.Next(0, 5); steps > 0; steps--)
        {
            if (!await Step(run, random))
            {
                break;
            }
        }

        await End(run, random);
        await Read(run);
        return run;
    }

    /// <summary>A run that two callers end at the same moment, one way each.</summary>
    public async Task Race()
    {
        var random = RandomOf(stage.Options.Seed, number);
        var run = stage.NewSubject($"{stage.Name}-{number}", null);
        await CreateOverHttp(run, Body(run, random));
        await RaceOf(run, random);
        await Read(run);
    }

    private async Task<Subject?> Create(Random random)
    {
        var kind = random.Next(100);
        if (kind < 6)
        {
            return await CreateWithoutId(random);
        }

        var run = stage.NewSubject($"{stage.Name}-{number}", random.Next(4) == 0 ? parent : null);
        var body = Body(run, random);
        switch (kind)
        {
            case < 50:
                await CreateOverHttp(run, body);
                break;
            case < 65:
                await CreateOverBroker(run, body);
                break;
            case < 75 when run.Parent is null: // a child might be refused, and nobody would be told
                await Tell("runs.create-run", Command(run, body), run);
                run.Promise();
                await Appears(run);
                break;
            case < 96:
                await Task.WhenAll(Enumerable.Range(0, random.Next(2, 4)).Select(_ => CreateOverHttp(run, body))
                    .Append(CreateOverBroker(run, body)));
                break;
            default: // a cancel that asks for no answer is kept for its create
                await Tell("runs.cancel-run", Command(run), run);
                run.PromiseEnd();
                await CreateOverHttp(run, body);
                break;
        }

        return run.IsPromised ? run : null; // or it was refused
    }

    // Without an id a repeat would be another run: no answer is the end of it.
    private async Task<Subject?> CreateWithoutId(Random random)
    {
        var answer = await http.Once(HttpMethod.Post, "/runs", Body(null, random).ToJsonString(), "create anonymous", null, 1);
        if (answer.Status != 202)
        {
            stage.Count("anonymous creates without an answer");
            return null;
        }

        var run = stage.NewSubject(answer.Run!.Value.GetProperty("run_id").GetString()!, null);
        run.Created(!answer.Body.GetProperty("duplicate").GetBoolean());
        run.Seen(Observation.Of(answer.Run.Value, answer.Start, answer.End));
        return run;
    }

    private async Task CreateOverHttp(Subject run, JsonObject body)
    {
        var answer = await http.Ask(HttpMethod.Post, "/runs", body.ToJsonString(), "create", run);
        if (answer.Status == 202)
        {
            run.Created(!answer.Body.GetProperty("duplicate").GetBoolean());
        }
        else if (answer.Code == ParentCancelled)
        {
            run.Refused();
        }
        else
        {
            Unexpected("create", run, answer);
        }
    }

    private async Task CreateOverBroker(Subject run, JsonObject body)
    {
        var answer = await broker.Ask("runs.create-run", Command(run, body), reply: true, run);
        if (answer.Kind == "RunSnapshot")
        {
            run.Created(answer.Changed);
        }
        else if (answer.Code == ParentCancelled)
        {
            run.Refused();
        }
        else
        {
            Unexpected("create", run, answer);
        }
    }

    /// <returns>False when the run takes no more of these.</returns>
    private async Task<bool> Step(Subject run, Random random) => random.Next(10) switch
    {
        < 6 => await Append(run, random),
        < 8 => await WaitAndResume(run, random),
        _ => await Read(run),
    };

    private async Task<bool> Append(Subject run, Random random)
    {
        var names = Enumerable.Range(0, random.Next(1, 6)).Select(_ => $"{run.Id}/{_events++}").ToList();
        var (cursor, body) = ($"sequence {_sequence}", new JsonObject
        {
            ["expected_previous_external_event_sequence"] = _sequence,
            ["events"] = new JsonArray([.. names.Select(name => new JsonObject { ["type"] = "CUSTOM", ["name"] = name })]),
        });
        var answer = await http.Ask(HttpMethod.Post, $"/runs/{run.Id}/events", body.ToJsonString(), "append", run, cursor, names.Count);
        switch (answer)
        {
            case { Status: 200 }:
                run.Appended(names);
                _sequence += names.Count;
                if (answer.Body.GetProperty("latest_external_event_sequence").GetInt64() < _sequence)
                {
                    stage.Violations.Add(Promises.Appends, $"{run.Id}: after {_sequence} events the answer is {answer.Body}");
                }

                return true;
            case { Status: 400, Code: "RUN_NOT_ACTIVE" }:
                return await HasEnded("append", run);
            case { Status: 400, Code: "EVENT_CURSOR_MISMATCH" }:
                stage.Violations.Add(Promises.Appends, $"{run.Id}: nobody else appends, and {cursor} was refused at {answer.Start:0.0}");
                return false;
            default:
                Unexpected("append", run, answer);
                return false;
        }
    }

    private async Task<bool> WaitAndResume(Subject run, Random random)
    {
        var call = $"call-{random.Next()}";
        var wait = new JsonObject { ["reason"] = "tool", ["tool_call_id"] = call, ["tool_name"] = "torture" };
        var answer = random.Next(2) == 0
            ? await http.Ask(HttpMethod.Post, $"/runs/{run.Id}/wait", wait.ToJsonString(), "wait", run) is { Status: 200 }
            : await broker.Ask("runs.wait-run", Command(run, wait), reply: true, run) is { Kind: "RunSnapshot" };
        if (!answer)
        {
            return await HasEnded("wait", run);
        }

        var resume = new JsonObject { ["tool_call_id"] = call, ["result"] = random.Next() };
        if (random.Next(2) == 0)
        {
            resume["type"] = "tool_result";
            answer = await http.Ask(HttpMethod.Post, $"/runs/{run.Id}/resume", resume.ToJsonString(), "resume", run) is { Status: 200 };
        }
        else
        {
            answer = await broker.Ask("runs.resume-run", Command(run, resume), reply: true, run) is { Kind: "RunSnapshot" };
        }

        return answer || await HasEnded("resume", run);
    }

    private async Task End(Subject run, Random random)
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
                await RaceOf(run, random);
                break;
            case < 85:
                await Tell("runs.cancel-run", Command(run), run);
                run.PromiseEnd();
                break;
            case < 90:
                await Tell("runs.complete-run", Command(run, new JsonObject { ["status"] = "completed" }), run);
                run.PromiseEnd();
                break;
            case < 95 when run.Parent is { } above: // and with it this run, if it still goes on
                await Cancel(above, random);
                break;
            default:
                break; // left as it is
        }
    }

    private Task RaceOf(Subject run, Random random) =>
        Task.WhenAll(Cancel(run, new Random(random.Next())), Complete(run, "completed", new Random(random.Next())));

    private async Task Cancel(Subject run, Random random)
    {
        if (random.Next(2) == 0)
        {
            var answer = await http.Ask(HttpMethod.Post, $"/runs/{run.Id}/cancel", null, "cancel", run);
            Ended("cancel", run, "cancelled", answer, changed: answer.Status == 200 && answer.Body.GetProperty("cancelled").GetBoolean());
        }
        else
        {
            Ended("cancel", run, "cancelled", await broker.Ask("runs.cancel-run", Command(run), reply: true, run));
        }
    }

    private async Task Complete(Subject run, string status, Random random)
    {
        var body = new JsonObject { ["status"] = status };
        if (random.Next(2) == 0)
        {
            // Whether it was this call is not told over HTTP, only whether it is so now.
            var answer = await http.Ask(HttpMethod.Post, $"/runs/{run.Id}/complete", body.ToJsonString(), "complete", run);
            Ended("complete", run, status, answer, changed: false);
        }
        else
        {
            Ended("complete", run, status, await broker.Ask("runs.complete-run", Command(run, body), reply: true, run));
        }
    }

    private void Ended(string call, Subject run, string asked, HttpAnswer answer, bool changed)
    {
        if (answer.Status != 200)
        {
            Unexpected(call, run, answer);
            return;
        }

        run.Ended(asked, changed);
        var status = answer.Run!.Value.GetProperty("status").GetString()!;
        if (answer.Body.TryGetProperty("completed", out var told) && told.GetBoolean() != (status == asked))
        {
            stage.Violations.Add(Promises.FirstOutcome, $"{run.Id}: {call} to {asked} is told completed {told} of a run that is {status}");
        }
    }

    private void Ended(string call, Subject run, string asked, BrokerAnswer answer)
    {
        if (answer.Kind != "RunSnapshot")
        {
            Unexpected(call, run, answer);
            return;
        }

        run.Ended(asked, answer.Changed);
    }

    // Somebody else ended it: a cancel of what is above it, or the one that came before its create. Nothing else is a reason to refuse.
    private async Task<bool> HasEnded(string call, Subject run)
    {
        var answer = await http.Ask(HttpMethod.Get, $"/runs/{run.Id}", null, "read", run);
        if (answer.Run?.GetProperty("status").GetString() is not ("completed" or "failed" or "cancelled"))
        {
            stage.Violations.Add(Promises.Answers, $"{run.Id}: {call} was refused before {answer.Start:0.0}, and the run goes on: {answer.Status} {answer.Body}");
        }

        return false;
    }

    /// <summary>Reads the run and its log: everything that was answered before has to be there.</summary>
    private async Task<bool> Read(Subject run)
    {
        var acknowledged = run.Acknowledged;
        var answer = await http.Ask(HttpMethod.Get, $"/runs/{run.Id}", null, "read", run);
        if (answer.Status != 200)
        {
            Unexpected("read", run, answer);
        }

        if (acknowledged.Count > 0)
        {
            var log = await http.Ask(HttpMethod.Get, $"/runs/{run.Id}/events?limit=500", null, "read log", run);
            var shown = log.Status == 200 ? log.Body.GetProperty("data").EnumerateArray().Select(logged => NameOf(logged.GetProperty("payload"))).ToHashSet() : [];
            if (!acknowledged.IsSubsetOf(shown))
            {
                stage.Violations.Add(Promises.Reads, $"{run.Id}: {acknowledged.Count} events were answered, and a later read at {log.Start:0.0} shows {shown.Count} ({log.Status})");
            }
        }

        return true;
    }

    // The broker has confirmed the command; it exists once somebody has handled it.
    private async Task Appears(Subject run)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await http.Ask(HttpMethod.Get, $"/runs/{run.Id}", null, "read", run) is { Status: 200 })
            {
                return;
            }

            await stage.Pause(attempt);
        }
    }

    private async Task Tell(string exchange, string body, Subject run) => await broker.Ask(exchange, body, reply: false, run);

    private JsonObject Body(Subject? run, Random random)
    {
        var body = random.Next(2) == 0
            ? new JsonObject { ["kind"] = "task", ["request"] = new JsonObject { ["target"] = "task:torture", ["input"] = new JsonObject { ["n"] = number } } }
            : new JsonObject { ["kind"] = "agent", ["request"] = new JsonObject { ["agent_id"] = "torture", ["input"] = new JsonObject { ["n"] = number } } };
        body["owner"] = new JsonObject { ["kind"] = "project", ["id"] = stage.Project };
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

    private static string Command(Subject run, JsonObject? members = null)
    {
        var command = members?.DeepClone().AsObject() ?? [];
        command.Remove("public_id");
        (command["tenant"], command["run_id"]) = ("dev", run.Id);
        return command.ToJsonString();
    }

    private static string NameOf(JsonElement payload) => payload.TryGetProperty("name", out var name) ? name.GetString()! : "";

    private void Unexpected(string call, Subject run, HttpAnswer answer) => stage.Violations.Add(
        answer.Status == 404 && run.IsPromised ? Promises.Reads : Promises.Answers, $"{run.Id}: {call} at {answer.Start:0.0} was answered {answer.Status} {answer.Code} {answer.Body}");

    private void Unexpected(string call, Subject run, BrokerAnswer answer) => stage.Violations.Add(
        answer.Code == "RUN_NOT_FOUND" && run.IsPromised ? Promises.Reads : Promises.Answers,
        $"{run.Id}: {call} at {answer.Start:0.0} over the broker was answered {answer.Kind} {answer.Code}");
}
