using Microsoft.AspNetCore.Http;

namespace Runs.Benchmarks.Subjects;

/// <summary>
/// The baseline of creates: the smallest hand-written pipeline with the same guarantees. A request becomes a message of
/// <see cref="BaselineRequestQueue"/>; its consumer inserts one document for it, confirmed by a majority and journaled;
/// after the reply, the response is 202. No state machine, no validation, no authentication, no events.
/// </summary>
internal static class BaselineServer
{
    private const string Queue = "baseline-creates";

    public static async Task Run(int port, string broker, string store)
    {
        var runs = new BaselineRunStore(store);
        await using var creates = await BaselineRequestQueue.Open(broker, Queue, runs.Create);
        await BaselineHttpServer.Serve(port, Handle);

        async Task Handle(HttpContext http)
        {
            var response = await BaselineHttpServer.ReadBody(http, creates.Request);
            await BaselineHttpServer.WriteResponse(http, StatusCodes.Status202Accepted, response);
        }
    }
}
