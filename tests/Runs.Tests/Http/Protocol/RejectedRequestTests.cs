using System.Net.Http.Headers;

namespace Runs.Tests.Http;

public sealed class RejectedRequestTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    private HttpClient Client => application.Client;

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"kind\":\"task\",}")]
    [InlineData("nonsense")]
    [InlineData("{\"kind\":\"task\",\"kind\":\"eval\"}")]
    [InlineData("{\"\\ud800\":1}")]
    public async Task A_body_that_is_not_JSON_is_rejected(string body) =>
        (await Client.Post("/runs", body)).AssertProblem(400, "body");

    [Theory]
    [InlineData("[]", "")]
    [InlineData("null", "")]
    [InlineData("7", "")]
    public async Task A_body_that_is_not_an_object_is_rejected(string body, string pointer) =>
        (await Client.Post("/runs", body)).AssertProblem(400, null, pointer);

    [Fact]
    public async Task A_body_that_is_not_UTF8_is_rejected()
    {
        using var content = new ByteArrayContent([.. "{\"kind\":\""u8, 0xff, 0xfe, .. "\"}"u8]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        using var response = await Client.PostAsync("/runs", content);

        (await ApiResponse.From(response)).AssertProblem(400);
    }

    [Fact]
    public async Task A_lone_surrogate_is_rejected_with_its_pointer() =>
        (await Client.Post("/runs", $$$"""
            {"kind":"task","owner":{"kind":"project","id":"{{{RunsApplication.Project}}}"},
             "request":{"target":"task:t","config":{"a":"\ud800"} } }
            """)).AssertProblem(400, null, "/request/config/a");

    [Theory]
    [InlineData(60, 202)]
    [InlineData(62, 400)]
    [InlineData(5000, 400)]
    public async Task JSON_may_be_nested_64_levels_deep(int levels, int status)
    {
        var deep = new string('[', levels) + new string(']', levels);

        var response = await Client.Post("/runs", $$"""
            {"kind":"workflow","owner":{"kind":"project","id":"{{RunsApplication.Project}}"},
             "request":{"workflow_id":"w","target":"workflow:w","input":{"deep":{{deep}} } } }
            """);

        Assert.True(response.Status == status, response.ToString());
    }

    [Fact]
    public async Task A_body_above_10_MiB_is_rejected()
    {
        var body = TestRequests.TaskBody(request: new { target = "task:t", config = new { a = new string('x', 10 * 1024 * 1024) } });

        (await Client.Post("/runs", body)).AssertProblem(413);
    }

    [Fact]
    public async Task A_body_of_9_MiB_is_accepted_and_returned()
    {
        var id = TestRequests.NewId();
        var text = new string('x', 9 * 1024 * 1024);

        await Client.Create(TestRequests.TaskBody(id, new { target = "task:t", config = new { a = text } }));

        Assert.Equal(text, (await Client.GetRun(id)).Config.GetProperty("a").GetString());
    }

    [Fact]
    public async Task An_unsupported_content_type_is_rejected()
    {
        using var content = new StringContent("{}", new MediaTypeHeaderValue("text/plain"));

        using var response = await Client.PostAsync("/runs", content);

        (await ApiResponse.From(response)).AssertProblem(415);
    }

    [Fact]
    public async Task All_validation_errors_are_reported_together() =>
        (await Client.Post("/runs", """{"kind":"job","owner":{"kind":"team","id":"x"},"public_id":null}"""))
            .AssertProblem(400, null, "/kind", "/owner/kind", "/owner/id", "/public_id", "/request");

    [Fact]
    public async Task Unknown_members_are_ignored() => await Client.Create(TestRequests.TaskBody().With("from_the_future", new { x = 1 }));

    [Theory]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("GET", "/runs", 405)]
    [InlineData("DELETE", "/runs/x", 405)]
    [InlineData("GET", "/runs/a%2Fb", 404)]
    [InlineData("GET", "/runs/%E2%82%AC", 404)]
    [InlineData("GET", "/runs/..%2F..", 404)]
    [InlineData("GET", "/conversations/no-uuid/runs", 404)]
    public async Task An_unknown_route_returns_a_problem(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await Client.SendAsync(request);

        (await ApiResponse.From(response)).AssertProblem(status);
    }

    // The Accept headers of a browser's event source, and of a browser that opens a page.
    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("text/html")]
    public async Task Errors_are_problem_details_for_any_Accept_header(string accept)
    {
        using var anonymous = application.CreateClient(null);
        anonymous.DefaultRequestHeaders.Add("Accept", accept);
        using var caller = application.CreateClient(DevelopmentApiKey.Key);
        caller.DefaultRequestHeaders.Add("Accept", accept);

        (await anonymous.Get("/runs/any/stream")).AssertProblem(401, "Invalid authentication token");
        (await caller.Get("/runs/any/stream")).AssertProblem(404, "No such run.");
        (await caller.Get("/nowhere")).AssertProblem(404, "There is nothing at this address.");
    }
}
