using System.Text.Json;
using System.Text.Json.Nodes;

namespace Runs.Tests.Http;

public sealed class WaitInputRequestTests(EmbeddedApplication application) : WaitInputRequestTests<EmbeddedApplication>(application);

/// <summary>A wait that opens a form.</summary>
public abstract class WaitInputRequestTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private const string ExpiresAt = "2099-12-31T00:00:00.000Z";

    private HttpClient Client => application.Client;

    /// <summary>The tool call and the expiry are members of the form, of the wait, or of both.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_wait_with_a_form_opens_an_input_request(bool inWait, bool inForm)
    {
        var run = await Client.CreateRunningTask();
        var body = CreateWait();
        AddTo(body, inWait);
        AddTo(body["input_request"]!.AsObject(), inForm);

        var waiting = await Wait(run, body);

        Assert.True(waiting["waiting"].GetBoolean());
        Assert.Equal("input", waiting["run"].GetProperty("waiting_reason").GetString());
        var opened = await Client.Get($"{ApiPaths.RunInputRequests(run)}/{waiting["input_request_id"]}");
        Assert.Equal(("open", "ask", ExpiresAt), (
            opened["status"].GetString(), opened["tool_call_id"].GetString(), opened["expires_at"].GetString()));
        Assert.Equal("""[{"name":"colour"}]""", opened["fields"].GetRawText());
        Assert.Equal("""{"theme":"dark"}""", opened["metadata"].GetRawText());
        Assert.Equal(("Which one?", "Pick."), (opened["title"].GetString(), opened["description"].GetString()));

        static void AddTo(JsonObject target, bool isIncluded)
        {
            if (isIncluded)
            {
                (target["tool_call_id"], target["expires_at"]) = ("ask", ExpiresAt);
            }
        }
    }

    [Fact]
    public async Task A_repeated_wait_returns_the_input_request_of_its_tool_call()
    {
        var run = await Client.CreateRunningTask();
        var body = CreateWait();
        body["tool_call_id"] = "ask";
        var path = ApiPaths.RunInputRequests(run);

        var first = await Wait(run, body);
        var repeated = await Wait(run, body);
        var id = first["input_request_id"].GetString()!;
        await Client.PostInputResponse(id, """{"values":{}}""", path);
        var late = await Wait(run, body);

        Assert.Equal([id, id], new[] { repeated, late }.Select(response => response["input_request_id"].GetString()));
        Assert.True(repeated["waiting"].GetBoolean());
        Assert.False(late["waiting"].GetBoolean());
        Assert.Equal(id, (await Client.RequestInput(run, "ask", path)).Read<ApiInputRequest>().Id);
    }

    [Fact]
    public async Task A_wait_without_a_form_has_no_input_request()
    {
        var run = await Client.CreateRunningTask();

        var waiting = await Client.Post($"/runs/{run}/wait", """{"reason":"input","tool_call_id":"ask","input_request":null}""");

        Assert.True(waiting["waiting"].GetBoolean());
        Assert.Equal(JsonValueKind.Null, waiting["input_request_id"].ValueKind);
        Assert.Empty((await Client.List<ApiInputRequest>(ApiPaths.RunInputRequests(run))).Data);
    }

    [Theory]
    [InlineData("""{"reason":"tool"}""", "{}", "/reason")]
    [InlineData("""{"tool_call_id":null}""", "{}", "/tool_call_id")]
    [InlineData("{}", """{"tool_call_id":"other"}""", "/input_request/tool_call_id")]
    [InlineData("""{"expires_at":"2099-01-01T00:00:00Z"}""", """{"expires_at":"2098-01-01T00:00:00Z"}""", "/input_request/expires_at")]
    [InlineData("{}", """{"tool_call_id":"a\nb"}""", "/input_request/tool_call_id")]
    [InlineData("{}", """{"kind":"poll"}""", "/input_request/kind")]
    [InlineData("{}", """{"requested_responder_type":"dog"}""", "/input_request/requested_responder_type")]
    [InlineData("{}", """{"title":""}""", "/input_request/title")]
    [InlineData("{}", """{"fields":null}""", "/input_request/fields")]
    [InlineData("{}", """{"fields":[]}""", "/input_request/fields")]
    [InlineData("{}", """{"metadata":[]}""", "/input_request/metadata")]
    [InlineData("""{"release":true}""", "{}", "/release")]
    [InlineData("""{"input_request":[]}""", "{}", "/input_request")]
    public async Task An_invalid_form_is_rejected_and_the_run_stays_running(string inWait, string inForm, string pointer)
    {
        var run = await Client.CreateRunningTask();
        var body = CreateWait();
        body["tool_call_id"] = "ask";
        Merge(body["input_request"]!.AsObject(), inForm);
        Merge(body, inWait);

        (await Client.Post($"/runs/{run}/wait", body.ToJsonString())).AssertProblem(400, null, pointer);

        Assert.Equal("running", (await Client.GetRun(run)).Status);

        static void Merge(JsonObject target, string members)
        {
            foreach (var (name, value) in JsonNode.Parse(members)!.AsObject())
            {
                target[name] = value?.DeepClone();
            }
        }
    }

    [Fact]
    public async Task A_form_is_rejected_while_the_run_waits_for_something_else()
    {
        var run = await Client.CreateRunningTask();
        await Client.Wait(run, new { reason = "event" });
        var body = CreateWait();
        body["tool_call_id"] = "ask";

        (await Client.Post($"/runs/{run}/wait", body.ToJsonString())).AssertProblemCode(409, "RUN_NOT_RUNNING");

        Assert.Empty((await Client.List<ApiInputRequest>(ApiPaths.RunInputRequests(run))).Data);
    }

    private static JsonObject CreateWait() => new()
    {
        ["reason"] = "input",
        ["input_request"] = new JsonObject
        {
            ["requested_responder_type"] = "human",
            ["title"] = "Which one?",
            ["description"] = "Pick.",
            ["fields"] = new JsonArray(new JsonObject { ["name"] = "colour" }),
            ["metadata"] = new JsonObject { ["theme"] = "dark" },
        },
    };

    private async Task<ApiResponse> Wait(string run, JsonObject body)
    {
        var response = await Client.Post($"/runs/{run}/wait", body.ToJsonString());
        Assert.True(response.Status == 200, response.ToString());
        return response;
    }
}
