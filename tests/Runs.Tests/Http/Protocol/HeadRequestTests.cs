using System.Net;

namespace Runs.Tests.Http;

public sealed class HeadRequestTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    // Times, nonces and the rest of a rate differ in each response. The response to a HEAD need not have the headers
    // that frame the body (RFC 9110, 9.3.2).
    private static readonly string[] IncomparableHeaders =
        ["Date", "Content-Security-Policy", "RateLimit", "Content-Length", "Transfer-Encoding"];

    public static TheoryData<string> Paths() =>
    [
        "/runs/{run}",
        "/runs/{run}/children",
        "/runs/{run}/events",
        ApiPaths.RunInputRequests("{run}"),
        "/runs/unknown",
        $"/projects/{RunsApplication.Project}/runs",
        $"/conversations/{RunsApplication.Conversation}/runs",
        ApiPaths.ConversationRun("{run}"),
        $"{ApiPaths.ConversationRun("{run}")}/events",
        $"{ApiPaths.ConversationRun("{run}")}/snapshot",
        $"{ApiPaths.ConversationRun("{run}")}/children",
        ApiPaths.InputRequests(),
        "/openapi.json",
        "/asyncapi.yaml",
        "/schemas/create-run.json",
        "/docs/",
        "/docs/scalar.js",
        "/health/live",
        "/health/ready",
        "/runs",
        "/nowhere",
    ];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task HEAD_returns_the_status_and_headers_of_GET_without_a_body(string template)
    {
        var path = await ResolvePath(template);

        using var get = await application.Client.GetAsync(path);
        using var head = await SendHead(path);

        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        Assert.Equal(ComparableHeaders(get), ComparableHeaders(head));
    }

    [Fact]
    public async Task HEAD_of_a_stream_returns_immediately()
    {
        var path = await ResolvePath("/runs/{run}/stream");

        using var response = await SendHead(path).WaitAsync(Eventually.Timeout);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Head_with_wait_does_not_wait()
    {
        var path = await ResolvePath("/runs/{run}?wait=60");

        using var response = await SendHead(path).WaitAsync(TimeSpan.FromSeconds(40));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotNull(response.Headers.ETag);
    }

    [Fact]
    public async Task Head_needs_a_credential_where_get_does()
    {
        using var anonymous = application.CreateClient(null);

        using var response = await anonymous.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/runs/any"));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task The_Allow_header_of_a_405_lists_HEAD()
    {
        using var response = await application.Client.DeleteAsync("/runs/any");

        Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow.Order());
    }

    private async Task<string> ResolvePath(string template) => template.Contains("{run}", StringComparison.Ordinal)
        ? template.Replace("{run}", await application.Client.CreateRunningAgent(), StringComparison.Ordinal)
        : template;

    private async Task<HttpResponseMessage> SendHead(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        return await application.Client.SendAsync(request);
    }

    private static List<string> ComparableHeaders(HttpResponseMessage response) =>
    [
        .. response.Headers.Concat(response.Content.Headers)
            .Where(header => !IncomparableHeaders.Contains(header.Key))
            .Select(header => $"{header.Key}: {string.Join(',', header.Value)}").Order(),
    ];
}
