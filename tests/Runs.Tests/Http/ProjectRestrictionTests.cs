namespace Runs.Tests.Http;

public sealed class EmbeddedProjectRestrictionTests(EmbeddedApplication application) : ProjectRestrictionTests<EmbeddedApplication>(application);

/// <summary>A key that is for one project sees and makes the runs of that project only.</summary>
public abstract class ProjectRestrictionTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private readonly string _mine = TestRequests.NewUuid();
    private readonly string _other = TestRequests.NewUuid();

    [Fact]
    public async Task Runs_of_other_projects_and_conversations_are_not_found_and_unchanged()
    {
        var (foreign, conversation) = (TestRequests.NewId(), TestRequests.NewUuid());
        var chat = TestRequests.NewId();
        await application.Client.Create(BodyIn(_other, foreign));
        await application.Client.Create(TestRequests.AgentBody(chat, conversation: conversation));
        using var caller = await application.CreateClientWithKey(project: _mine);

        foreach (var run in new[] { foreign, chat })
        {
            foreach (var path in new[] { "", "/children", "/events", "/stream" })
            {
                (await caller.Get($"/runs/{run}{path}")).AssertProblem(404, "No such run.");
            }

            (await caller.Post($"/runs/{run}/cancel")).AssertProblem(404, "No such run.");
            (await caller.Post($"/runs/{run}/complete", new { status = "completed" })).AssertProblem(404, "No such run.");
            (await caller.Post($"/runs/{run}/wait", new { reason = "event" })).AssertProblem(404, "No such run.");
            (await caller.Post($"/runs/{run}/resume", new { type = "event" })).AssertProblem(404, "No such run.");
            (await caller.Post($"/runs/{run}/events", new { events = new[] { new { type = "CUSTOM" } } })).AssertProblem(404, "No such run.");
            Assert.Equal("pending", (await application.Client.Get($"/runs/{run}"))["status"].GetString());
        }

        (await caller.Get($"/conversations/{conversation}/runs/{chat}")).AssertProblem(404, "No such run.");
        (await caller.Post($"/conversations/{conversation}/runs/{chat}/events", new { events = new[] { new { type = "CUSTOM" } } })).AssertProblem(404, "No such run.");
        (await caller.Post($"/conversations/{conversation}/input-requests",
            new { run_id = chat, tool_call_id = "c", requested_responder_type = "human", title = "t", fields = new[] { 1 } })).AssertProblem(404, "No such run.");
        (await caller.Get($"/projects/{_other}/runs")).AssertProblem(404, "No such project.");
    }

    [Fact]
    public async Task Lists_contain_only_runs_of_the_project()
    {
        var conversation = TestRequests.NewUuid();
        var (mine, foreign) = (TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(BodyInConversation(_mine, mine, conversation));
        await application.Client.Create(BodyInConversation(_other, foreign, conversation));
        await application.Client.Create(TestRequests.AgentBody(conversation: conversation));
        var asked = await RequestInput(conversation, mine);
        var other = await RequestInput(conversation, foreign);
        using var caller = await application.CreateClientWithKey(project: _mine);

        Assert.Equal([mine], await ListIds(caller, $"/projects/{_mine}/runs", "run_id"));
        Assert.Equal([mine], await ListIds(caller, $"/conversations/{conversation}/runs", "run_id"));
        Assert.Equal([asked], await ListIds(caller, $"/conversations/{conversation}/input-requests", "id"));
        Assert.Empty(await ListIds(caller, $"/conversations/{conversation}/input-requests?run_id={foreign}", "id"));
        Assert.Equal(3, (await ListIds(application.Client, $"/conversations/{conversation}/runs", "run_id")).Count);
        Assert.Equal(200, (await caller.Get($"/conversations/{conversation}/input-requests/{asked}")).Status);
        (await caller.Get($"/conversations/{conversation}/input-requests/{other}")).AssertProblem(404);
        (await caller.Post($"/conversations/{conversation}/input-requests/{other}/responses", new { values = new { a = 1 } })).AssertProblem(404);
    }

    [Fact]
    public async Task Runs_are_created_only_in_the_project_and_below_its_runs()
    {
        var (mine, foreign, chat) = (TestRequests.NewId(), TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(BodyIn(_other, foreign));
        await application.Client.Create(TestRequests.AgentBody(chat));
        using var caller = await application.CreateClientWithKey(project: _mine);

        Assert.Equal(202, (await caller.Post("/runs", BodyIn(_mine, mine))).Status);
        Assert.Equal(202, (await caller.Post("/runs", BodyIn(_mine).With("parent_run_id", mine))).Status);
        (await caller.Post("/runs", BodyIn(_other))).AssertProblem(403, "This credential may not create runs of this owner.");
        (await caller.Post("/runs", TestRequests.AgentBody())).AssertProblem(403);
        (await caller.Post("/runs", BodyIn(_mine).With("parent_run_id", foreign))).AssertProblem(404);
        (await caller.Post("/runs", BodyIn(_mine).With("parent_run_id", chat))).AssertProblem(404);
        Assert.Equal(200, (await caller.Post($"/runs/{mine}/cancel")).Status);
    }

    [Fact]
    public async Task A_token_with_projects_is_restricted_like_a_key_and_with_an_empty_list_sees_nothing()
    {
        using var writer = application.CreateClient(TestTokens.CreateWithClaims($"\"tenant\":\"acme\",\"userId\":\"u\",\"projects\":[\"{_mine}\"]"));
        using var nobody = application.CreateClient(TestTokens.CreateWithClaims("\"tenant\":\"acme\",\"userId\":\"u\",\"projects\":[]"));
        var run = (await writer.Create(BodyIn(_mine))).GetProperty("run").GetProperty("run_id").GetString();

        (await writer.Post("/runs", BodyIn(_other))).AssertProblem(403);
        (await nobody.Get($"/runs/{run}")).AssertProblem(404);
        (await nobody.Post("/runs", BodyIn(_mine))).AssertProblem(403);
    }

    private static Dictionary<string, object?> BodyIn(string project, string? id = null) => TestRequests.TaskBody(id).With("owner", new { kind = "project", id = project });

    private static Dictionary<string, object?> BodyInConversation(string project, string id, string conversation) =>
        TestRequests.AgentBody(id).With("owner", new { kind = "project", id = project }).With("conversation_mode", "existing").With("conversation_id", conversation);

    private async Task<string> RequestInput(string conversation, string run)
    {
        var asked = await application.Client.Post($"/conversations/{conversation}/input-requests",
            new { run_id = run, tool_call_id = "c", requested_responder_type = "human", title = "t", fields = new[] { 1 } });
        Assert.True(asked.Status == 201, asked.ToString());
        return asked["id"].GetString()!;
    }

    private static async Task<IReadOnlyList<string?>> ListIds(HttpClient caller, string path, string member)
    {
        var answer = await caller.Get(path);
        Assert.True(answer.Status == 200, answer.ToString());
        return [.. answer["data"].EnumerateArray().Select(item => item.GetProperty(member).GetString())];
    }
}
