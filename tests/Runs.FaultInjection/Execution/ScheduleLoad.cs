using System.Text.Json.Nodes;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Clients;

namespace Runs.FaultInjection.Execution;

/// <summary>
/// Schedules that fire every minute. Their runs are executed, or have a target without a worker, so that the next fire
/// is skipped or replaces the run.
/// </summary>
internal sealed class ScheduleLoad(Experiment experiment, RecordingHttpClient http, string target)
{
    private static readonly TimeSpan ManualRunInterval = TimeSpan.FromSeconds(20);

    private readonly List<string> _ids = [];

    /// <summary>Creates the schedules.</summary>
    public async Task Create()
    {
        foreach (var (name, id, policy) in ((string, string, string)[])
        [
            ("executed", target, "Allow"),
            ("executed-once", target, "Forbid"),
            ("skipped", "task:no-worker", "Forbid"),
            ("replaced", "task:no-worker", "Replace"),
        ])
        {
            var body = new JsonObject
            {
                ["name"] = name,
                ["target"] = new JsonObject { ["kind"] = "task", ["id"] = id["task:".Length..] },
                ["schedule"] = "* * * * *",
                ["timezone"] = "Europe/Berlin",
                ["concurrency_policy"] = policy,
            };
            var created = await Send("create schedule", HttpMethod.Post, "", body, expected: 201);
            _ids.Add(created.Body.GetProperty("schedule").GetProperty("id").GetString()!);
        }
    }

    /// <summary>Starts runs by hand, each with two calls at the same moment, until it is stopped.</summary>
    public async Task StartRunsByHand(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(ManualRunInterval);
        try
        {
            for (var number = 0; await timer.WaitForNextTickAsync(stopping); number++)
            {
                var body = new JsonObject { ["idempotency_key"] = $"{experiment.RunIdPrefix}-{number}" };
                var path = $"/{_ids[number % _ids.Count]}/runs";
                var results = await Task.WhenAll(
                    Send("run schedule", HttpMethod.Post, path, body, expected: 201),
                    Send("run schedule", HttpMethod.Post, path, body, expected: 201));
                CheckIsOneRun(results);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The load is over.
        }
    }

    /// <summary>Pauses the schedules: they fire no more.</summary>
    public Task Pause() => Task.WhenAll(_ids.Select(id =>
        Send("pause schedule", HttpMethod.Patch, $"/{id}", new JsonObject { ["status"] = "paused" }, expected: 200)));

    private void CheckIsOneRun(HttpResult[] results)
    {
        var ids = results.Where(result => result.Status == 201).Select(result => result.Body.GetProperty("run_id").GetString()!).ToList();
        if (ids.Distinct().Count() > 1)
        {
            experiment.Violations.Add(Invariants.OneRunPerFire, $"one key has started {string.Join(" and ", ids)}");
        }

        foreach (var id in ids)
        {
            experiment.TrackRun(id, null).RecordConfirmedCreate();
        }
    }

    private async Task<HttpResult> Send(string name, HttpMethod method, string path, JsonObject body, int expected)
    {
        var call = new HttpCall(name, method, $"/projects/{experiment.ProjectId}/schedules{path}", body.ToJsonString());
        for (var attempt = 1; ; attempt++)
        {
            var result = await http.SendOnce(call, attempt: attempt);
            if (result.IsTransientFailure)
            {
                await experiment.DelayBeforeRetry(attempt);
                continue;
            }

            if (result.Status != expected)
            {
                experiment.Violations.Add(Invariants.DocumentedResponses, $"{name} was answered {result.Status} {result.Body}");
            }

            return result;
        }
    }
}
