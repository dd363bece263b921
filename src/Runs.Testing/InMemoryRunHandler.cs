using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Runs.Testing;

/// <summary>Answers the calls of a context that need no server: registration, checkpoints and events.</summary>
internal sealed class InMemoryRunHandler : HttpMessageHandler
{
    private long _events;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? null : await request.Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
        return request.RequestUri!.AbsolutePath.Split('/') switch
        {
            [.., "workers"] => Json(new { worker = new { id = Guid.Empty }, token = "vfw_test" }),
            [.., "session"] => Json(new { session = new { session_key = "test", metadata = body!["metadata"] } }),
            [.., "events"] when request.Method == HttpMethod.Post => Append(body!["events"]!.AsArray().Count),
            _ => Json(
                new { code = "NO_SERVER", detail = "A context for tests has no server. Use RunsTestServer." }, HttpStatusCode.BadRequest),
        };
    }

    private HttpResponseMessage Append(int count)
    {
        var latest = Interlocked.Add(ref _events, count);
        return Json(new { latest_event_id = latest, appended_count = count, latest_external_event_sequence = latest });
    }

    private static HttpResponseMessage Json(object content, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = JsonContent.Create(content) };
}
