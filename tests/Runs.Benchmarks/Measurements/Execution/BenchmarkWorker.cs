using System.Net.Http.Json;
using System.Text.Json;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>A worker that is registered over HTTP, and the requests that it sends.</summary>
/// <param name="Id">The id of the worker.</param>
/// <param name="Token">The token of its process.</param>
internal sealed record BenchmarkWorker(string Id, string Token)
{
    /// <summary>The target of the runs that workers claim.</summary>
    public const string Target = "task:resize-images";

    /// <summary>The longest lease that a claim may ask for, in seconds.</summary>
    public const int LongLeaseSeconds = 300;

    private const int Registrars = 16;

    /// <summary>What the hand-written server accepts, which knows no workers.</summary>
    public static BenchmarkWorker OfBaseline { get; } = new("baseline", "none");

    private string Headers => $"Authorization: Bearer {Token}\r\n";

    /// <summary>Registers a worker.</summary>
    /// <param name="client">A client with the credential of the project.</param>
    /// <param name="key">The key of the worker. Workers of the same key share their runs.</param>
    /// <param name="target">The target that the worker executes.</param>
    /// <param name="cancellationToken">Cancels the registration.</param>
    public static async Task<BenchmarkWorker> Register(
        HttpClient client, string key, string target, CancellationToken cancellationToken)
    {
        var response = await client.PostAsJsonAsync(
            $"/agent-workers/projects/{BenchmarkSubject.ProjectId}/workers",
            new { implementation_kind = "bench", worker_key = key, targets = (string[])[target] },
            cancellationToken);
        var body = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return new BenchmarkWorker(
            body.GetProperty("worker").GetProperty("id").GetString()!, body.GetProperty("token").GetString()!);
    }

    /// <summary>Registers workers of <see cref="Target"/>, each with a key of its own.</summary>
    public static async Task<List<BenchmarkWorker>> RegisterMany(
        BenchmarkSubject subject, int count, CancellationToken cancellationToken)
    {
        using var client = subject.CreateClient();
        var workers = new BenchmarkWorker[count];
        await Parallel.ForAsync(
            0,
            count,
            new ParallelOptions { MaxDegreeOfParallelism = Registrars, CancellationToken = cancellationToken },
            async (number, cancellation) =>
            {
                var key = FormattableString.Invariant($"worker-{number}");
                workers[number] = await Register(client, key, Target, cancellation);
            });
        return [.. workers];
    }

    /// <summary>A claim of the next run, which waits for one.</summary>
    public RequestTemplate ClaimRequest(int leaseSeconds, int waitSeconds)
    {
        var times = FormattableString.Invariant($"\"lease_duration_seconds\":{leaseSeconds},\"wait_seconds\":{waitSeconds}");
        return Post("claim", $$"""{{{times}},"headless":true,"fenced":true}""");
    }

    /// <summary>A heartbeat that renews the leases of first attempts.</summary>
    public RequestTemplate HeartbeatRequest(IEnumerable<string> runIds, int leaseSeconds)
    {
        var runs = runIds.Select(runId => $$"""{"run_id":"{{runId}}","attempt":1}""");
        return Post(
            "heartbeat",
            FormattableString.Invariant(
                $$"""{"lease_duration_seconds":{{leaseSeconds}},"runs":[{{string.Join(',', runs)}}]}"""));
    }

    /// <summary>Claims up to ten runs, without a wait.</summary>
    /// <returns>The ids of the runs.</returns>
    public async Task<List<string>> ClaimMany(HttpClient client, int count, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/agent-workers/workers/{Id}/claim")
        {
            Headers = { Authorization = new("Bearer", Token) },
            Content = JsonContent.Create(
                new { lease_duration_seconds = LongLeaseSeconds, max_runs = count, headless = true, fenced = true }),
        };
        using var response = await client.SendAsync(request, cancellationToken);
        var body = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return [.. body.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("run_id").GetString()!)];
    }

    private RequestTemplate Post(string operation, string json) =>
        RequestTemplate.Post($"/agent-workers/workers/{Id}/{operation}", Headers, json);
}
