using System.Text;
using Microsoft.AspNetCore.Http;
using Runs.Benchmarks.Load;
using Runs.Benchmarks.Measurements.Execution;

namespace Runs.Benchmarks.Tests;

public sealed class BenchmarkWorkerTests
{
    private static readonly BenchmarkWorker Worker = new("w-1", "vfw_secret");

    [Fact]
    public async Task A_worker_is_registered_for_its_target()
    {
        var body = "";
        await using var server = await TestServer.Start(async context =>
        {
            body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            context.Response.StatusCode = 201;
            await context.Response.WriteAsync("""{"worker":{"id":"w-1"},"token":"vfw_secret"}""");
        });
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };

        var worker = await BenchmarkWorker.Register(client, "key-1", "task:index", CancellationToken.None);

        Assert.Equal(Worker, worker);
        Assert.Equal("""{"implementation_kind":"bench","worker_key":"key-1","targets":["task:index"]}""", body);
    }

    [Fact]
    public async Task The_claimed_runs_are_read()
    {
        await using var server = await TestServer.Start(context =>
            context.Response.WriteAsync("""{"run":{"run_id":"run_a"},"runs":[{"run_id":"run_a"},{"run_id":"run_b"}]}"""));
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };

        Assert.Equal(["run_a", "run_b"], await Worker.ClaimMany(client, 2, CancellationToken.None));
    }

    [Fact]
    public void A_heartbeat_names_all_runs()
    {
        var text = Render(Worker.HeartbeatRequest(["run_a", "run_b"], leaseSeconds: 60));

        Assert.StartsWith("POST /agent-workers/workers/w-1/heartbeat HTTP/1.1\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer vfw_secret\r\n", text, StringComparison.Ordinal);
        Assert.EndsWith(
            """{"lease_duration_seconds":60,"runs":[{"run_id":"run_a","attempt":1},{"run_id":"run_b","attempt":1}]}""",
            text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_claim_waits_for_a_run()
    {
        var text = Render(Worker.ClaimRequest(leaseSeconds: 300, waitSeconds: 20));

        Assert.EndsWith(
            """{"lease_duration_seconds":300,"wait_seconds":20,"headless":true,"fenced":true}""", text, StringComparison.Ordinal);
    }

    private static string Render(RequestTemplate request) => Encoding.ASCII.GetString(request.CreateRenderer().Render(0).Span);
}
