using System.Net.Http.Headers;
using System.Text;

namespace Runs.Tests.Http;

public sealed class RefusedRequests(EmbeddedStack stack) : IClassFixture<EmbeddedStack>
{
    private HttpClient Client => stack.Client;

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"kind\":\"task\",}")]
    [InlineData("nonsense")]
    [InlineData("{\"kind\":\"task\",\"kind\":\"eval\"}")]
    [InlineData("{\"\\ud800\":1}")]
    public async Task What_is_not_json_is_said_to_be_none(string body) => (await Client.Post("/runs", body)).IsProblem(400, "body");

    [Theory]
    [InlineData("[]", "")]
    [InlineData("null", "")]
    [InlineData("7", "")]
    public async Task What_is_no_object_is_refused(string body, string at) => (await Client.Post("/runs", body)).IsProblem(400, null, at);

    [Fact]
    public async Task Bytes_that_are_no_utf8_are_refused()
    {
        using var content = new ByteArrayContent([.. Encoding.ASCII.GetBytes("{\"kind\":\""), 0xff, 0xfe, .. Encoding.ASCII.GetBytes("\"}")]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        using var response = await Client.PostAsync("/runs", content);

        (await Answer.Of(response)).IsProblem(400);
    }

    [Fact]
    public async Task Half_a_surrogate_pair_is_refused_with_its_place() =>
        (await Client.Post("/runs", $$$"""
            {"kind":"task","owner":{"kind":"project","id":"{{{Stack.Project}}}"},"request":{"target":"task:t","config":{"a":"\ud800"} } }
            """)).IsProblem(400, null, "/request/config/a");

    [Theory]
    [InlineData(60, 202)]
    [InlineData(62, 400)]
    [InlineData(5000, 400)]
    public async Task Nesting_goes_down_to_sixty_four_levels(int levels, int status)
    {
        var deep = new string('[', levels) + new string(']', levels);

        var answer = await Client.Post("/runs", $$"""
            {"kind":"workflow","owner":{"kind":"project","id":"{{Stack.Project}}"},"request":{"workflow_id":"w","target":"workflow:w","input":{"deep":{{deep}} } } }
            """);

        Assert.True(answer.Status == status, answer.ToString());
    }

    [Fact]
    public async Task More_than_ten_mebibytes_is_too_large()
    {
        var body = Calls.Task(request: new { target = "task:t", config = new { a = new string('x', 10 * 1024 * 1024) } });

        (await Client.Post("/runs", body)).IsProblem(413);
    }

    [Fact]
    public async Task Nine_mebibytes_are_taken_and_come_back()
    {
        var id = Calls.NewId();
        var text = new string('x', 9 * 1024 * 1024);

        await Client.Create(Calls.Task(id, new { target = "task:t", config = new { a = text } }));

        Assert.Equal(text, (await Client.Read($"/runs/{id}"))["config"].GetProperty("a").GetString());
    }

    [Fact]
    public async Task A_body_that_is_not_json_by_type_is_refused()
    {
        using var content = new StringContent("{}", new MediaTypeHeaderValue("text/plain"));

        using var response = await Client.PostAsync("/runs", content);

        (await Answer.Of(response)).IsProblem(415);
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once() =>
        (await Client.Post("/runs", """{"kind":"job","owner":{"kind":"team","id":"x"},"public_id":null}"""))
            .IsProblem(400, null, "/kind", "/owner/kind", "/owner/id", "/public_id", "/request");

    [Fact]
    public async Task Unknown_members_are_ignored() => await Client.Create(Calls.Task().With("from_the_future", new { x = 1 }));

    [Theory]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("GET", "/runs", 405)]
    [InlineData("DELETE", "/runs/x", 405)]
    [InlineData("GET", "/runs/a%2Fb", 404)]
    [InlineData("GET", "/runs/%E2%82%AC", 404)]
    [InlineData("GET", "/runs/..%2F..", 404)]
    [InlineData("GET", "/conversations/no-uuid/runs", 404)]
    public async Task An_address_without_anything_is_a_plain_problem(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await Client.SendAsync(request);

        (await Answer.Of(response)).IsProblem(status);
    }

    // What a browser's event source asks for, and what a browser does.
    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("text/html")]
    public async Task A_refusal_is_a_problem_whatever_is_accepted(string accept)
    {
        using var nobody = stack.Caller(null);
        nobody.DefaultRequestHeaders.Add("Accept", accept);
        using var caller = stack.Caller("vf_dev_secret");
        caller.DefaultRequestHeaders.Add("Accept", accept);

        (await nobody.Read("/runs/any/stream")).IsProblem(401, "Invalid authentication token");
        (await caller.Read("/runs/any/stream")).IsProblem(404, "No such run.");
        (await caller.Read("/nowhere")).IsProblem(404, "There is nothing at this address.");
    }
}
