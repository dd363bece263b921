using System.Text;
using Microsoft.AspNetCore.Http;

namespace Runs.Benchmarks.Subjects;

/// <summary>
/// The baseline of claims: the smallest hand-written pipeline with the same guarantees. The claims of all callers share
/// the reads that find ready runs. A claim becomes a message of <see cref="BaselineRequestQueue"/>; its consumer reads
/// the run and replaces it on the condition that it has not changed. No registration, no authentication, no validation,
/// no long poll, no timers, no events. Creates are plain inserts: they only provide the runs.
/// </summary>
internal static class BaselineClaimServer
{
    private const string Queue = "baseline-claims";

    private static readonly byte[] NoRun = """{"run":null}"""u8.ToArray();

    public static async Task Run(int port, string broker, string store)
    {
        var creates = new BaselineRunStore(store);
        var claims = new BaselineClaimStore(creates.Collection);
        await claims.CreateIndex();
        var candidates = new BaselineCandidates(claims.ListReady);
        await using var queue = await BaselineRequestQueue.Open(
            broker, Queue, async body => await claims.Claim(Encoding.UTF8.GetString(body.Span)) ?? NoRun);
        await BaselineHttpServer.Serve(port, Handle);

        // /runs, /agent-workers/workers/{id}/claim
        async Task Handle(HttpContext http)
        {
            if (http.Request.Path == "/runs")
            {
                var created = await BaselineHttpServer.ReadBody(http, creates.Create);
                await BaselineHttpServer.WriteResponse(http, StatusCodes.Status202Accepted, created);
                return;
            }

            var claimed = await BaselineHttpServer.ReadBody(http, _ => Claim());
            await BaselineHttpServer.WriteResponse(http, StatusCodes.Status200OK, claimed);
        }

        async Task<byte[]> Claim() =>
            await candidates.Take() is { } runId ? await queue.Request(Encoding.UTF8.GetBytes(runId)) : NoRun;
    }
}
