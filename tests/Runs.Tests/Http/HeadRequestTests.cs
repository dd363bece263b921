using System.Net;

namespace Runs.Tests.Http;

public sealed class HeadRequestTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    public static TheoryData<string> Paths() =>
    [
        "/runs/{run}", "/runs/{run}/children", "/runs/{run}/events", "/runs/unknown", $"/projects/{RunsApplication.Project}/runs",
        "/conversations/{conversation}/runs", "/conversations/{conversation}/runs/{run}", "/conversations/{conversation}/runs/{run}/events",
        "/conversations/{conversation}/runs/{run}/snapshot", "/conversations/{conversation}/runs/{run}/children", "/conversations/{conversation}/input-requests",
        "/openapi.json", "/asyncapi.yaml", "/schemas/create-run.json", "/docs/", "/docs/scalar.js", "/health/live", "/health/ready", "/runs", "/nowhere",
    ];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task HEAD_returns_the_status_and_headers_of_GET_without_a_body(string template)
    {
        var path = await ResolvePath(template);

        using var get = await application.Client.GetAsync(path);
        using var head = await application.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));

        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        Assert.Equal(ComparableHeaders(get), ComparableHeaders(head));
    }

    [Fact]
    public async Task HEAD_of_a_stream_returns_immediately()
    {
        var path = await ResolvePath("/runs/{run}/stream");

        using var response = await application.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path)).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Head_with_wait_does_not_wait()
    {
        var path = await ResolvePath("/runs/{run}?wait=60");

        using var response = await application.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path)).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotNull(response.Headers.ETag);
    }

    [Fact]
    public async Task Head_needs_a_credential_where_get_does()
    {
        using var stranger = application.CreateClient(null);

        using var response = await stranger.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/runs/any"));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task The_Allow_header_of_a_405_lists_HEAD()
    {
        using var response = await application.Client.DeleteAsync("/runs/any");

        Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow.Order());
    }

    private async Task<string> ResolvePath(string template)
    {
        if (!template.Contains("{run}", StringComparison.Ordinal))
        {
            return template.Replace("{conversation}", RunsApplication.Conversation, StringComparison.Ordinal);
        }

        var run = (await application.Client.Create(TestRequests.AgentBody(request: new { agent_id = "writer", initial_status = "running" }))).GetProperty("run");
        return template.Replace("{conversation}", RunsApplication.Conversation, StringComparison.Ordinal).Replace("{run}", run.GetProperty("run_id").GetString(), StringComparison.Ordinal);
    }

    // Times and nonces are new with each answer. How a body is framed need not be known to HEAD (RFC 9110 9.3.2).
    private static List<string> ComparableHeaders(HttpResponseMessage response) =>
    [
        .. response.Headers.Concat(response.Content.Headers)
            .Where(header => header.Key is not ("Date" or "Content-Length" or "Transfer-Encoding" or "Content-Security-Policy" or "RateLimit")) // what is left of the rate counts down
            .Select(header => $"{header.Key}: {string.Join(',', header.Value)}").Order(),
    ];
}
