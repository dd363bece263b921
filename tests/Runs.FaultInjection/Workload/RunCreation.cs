using System.Text.Json.Nodes;
using Runs.FaultInjection.Clients;

namespace Runs.FaultInjection.Workload;

/// <summary>The ways to create a run. Each one records what the response promises.</summary>
internal sealed class RunCreation(Experiment experiment, RecordingHttpClient http, RecordingAmqpClient amqp, int number)
{
    private const string ParentCancelled = "PARENT_CANCELLED";

    /// <summary>The body of a create over HTTP; without a run it has no id.</summary>
    public JsonObject CreateBody(TrackedRun? run, Random random)
    {
        var request = new JsonObject { ["input"] = new JsonObject { ["n"] = number } };
        var isTask = random.Next(2) == 0;
        request[isTask ? "target" : "agent_id"] = isTask ? "task:torture" : "torture";
        if (random.Next(2) == 0)
        {
            request["backoff_limit"] = random.Next(3);
        }

        if (random.Next(3) == 0 && !isTask)
        {
            request["initial_status"] = "running";
        }

        var body = new JsonObject
        {
            ["kind"] = isTask ? "task" : "agent",
            ["request"] = request,
            ["owner"] = new JsonObject { ["kind"] = "project", ["id"] = experiment.ProjectId },
        };
        if (run is not null)
        {
            body["public_id"] = run.Id;
        }

        if (run?.Parent is { } above)
        {
            body["parent_run_id"] = above.Id;
        }

        return body;
    }

    // Without an id a retry would create another run, so there is none.
    public async Task<TrackedRun?> CreateWithoutId(Random random)
    {
        var body = CreateBody(run: null, random).ToJsonString();
        var result = await http.SendOnce(new HttpCall("create anonymous", HttpMethod.Post, "/runs", body));
        if (result.Status != 202)
        {
            experiment.CountResponse("anonymous creates without an answer");
            return null;
        }

        var run = experiment.TrackRun(result.Run!.Value.GetProperty("run_id").GetString()!, null);
        run.RecordCreated(result.IsCreated);
        run.RecordObservation(Observation.FromJson(result.Run.Value, result.Start, result.End));
        return run;
    }

    public async Task CreateOverHttp(TrackedRun run, JsonObject body)
    {
        var result = await http.SendWithRetry(new HttpCall("create", HttpMethod.Post, "/runs", body.ToJsonString()), run);
        if (result.Status == 202)
        {
            run.RecordCreated(result.IsCreated);
        }
        else if (result.Code == ParentCancelled)
        {
            run.RecordRejected();
        }
        else
        {
            experiment.ReportUnexpected("create", run, result);
        }
    }

    public async Task CreateOverAmqp(TrackedRun run, JsonObject body)
    {
        var result = await amqp.PublishWithRetry("runs.create-run", AmqpCommand.CreateBody(run, body), reply: true, run);
        if (result.IsSnapshot)
        {
            run.RecordCreated(result.Changed);
        }
        else if (result.Code == ParentCancelled)
        {
            run.RecordRejected();
        }
        else
        {
            experiment.ReportUnexpected("create", run, result);
        }
    }

    /// <summary>Publishes a create without a reply.</summary>
    public async Task PublishCreate(TrackedRun run, JsonObject body)
    {
        await amqp.PublishWithRetry("runs.create-run", AmqpCommand.CreateBody(run, body), reply: false, run);
        run.RecordConfirmedCreate();
    }
}
