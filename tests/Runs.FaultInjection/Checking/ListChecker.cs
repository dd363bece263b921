using System.Text.Json;
using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Storage;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection.Checking;

/// <summary>Lists all runs over HTTP, and compares them with the stored ones.</summary>
internal sealed class ListChecker(Experiment experiment, RecordingHttpClient http, IReadOnlyList<StoredRun> stored)
{
    private readonly Dictionary<string, string> _listed = [];

    public async Task Check()
    {
        if (!await ReadPages())
        {
            return;
        }

        foreach (var run in stored.ToRunsById().Values.Where(run => _listed.GetValueOrDefault(run.Id) != run.Status))
        {
            experiment.Violations.Add(
                Invariants.NoLostRuns,
                $"{run.Id} is stored {run.Status}, and HTTP shows {_listed.GetValueOrDefault(run.Id) ?? "nothing"}");
        }
    }

    /// <returns>False when a page could not be read.</returns>
    private async Task<bool> ReadPages()
    {
        var reader = new TrackedRun("list", null);
        var path = $"/projects/{experiment.ProjectId}/runs?limit=100";
        for (var cursor = ""; cursor is not null;)
        {
            var pagePath = cursor.Length == 0 ? path : $"{path}&cursor={Uri.EscapeDataString(cursor)}";
            var page = await http.SendWithRetry(new HttpCall("list", HttpMethod.Get, pagePath), reader);
            if (page.Status != 200)
            {
                experiment.Violations.Add(Invariants.DocumentedResponses, $"list: {page.Status} {page.Code}");
                return false;
            }

            AddRuns(page.Body.GetProperty("data"));
            var next = page.Body.GetProperty("page_info").GetProperty("next");
            cursor = next.ValueKind == JsonValueKind.String ? next.GetString() : null;
        }

        return true;
    }

    private void AddRuns(JsonElement page)
    {
        foreach (var run in page.EnumerateArray())
        {
            var id = run.GetProperty("run_id").GetString()!;
            if (!_listed.TryAdd(id, run.GetProperty("status").GetString()!))
            {
                experiment.Violations.Add(Invariants.NoDuplicateRuns, $"{id} is on two pages");
            }
        }
    }
}
