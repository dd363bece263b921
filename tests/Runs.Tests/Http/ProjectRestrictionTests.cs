namespace Runs.Tests.Http;

public sealed class ProjectRestrictionTests(EmbeddedApplication application) : ProjectRestrictionTests<EmbeddedApplication>(application);

/// <summary>A key that is restricted to a project reads and creates runs of that project only.</summary>
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
        var append = EventBodies.Append("""{"type":"CUSTOM"}""");

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
            (await caller.Post($"/runs/{run}/events", append)).AssertProblem(404, "No such run.");
            Assert.Equal("pending", (await application.Client.GetRun(run)).Status);
        }

        var inConversation = ApiPaths.ConversationRun(chat, conversation);
        (await caller.Get(inConversation)).AssertProblem(404, "No such run.");
        (await caller.Post($"{inConversation}/events", append)).AssertProblem(404, "No such run.");
        (await caller.RequestInput(chat, conversation: conversation)).AssertProblem(404, "No such run.");
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
        var asked = await application.Client.CreateInputRequest(mine, conversation: conversation);
        var other = await application.Client.CreateInputRequest(foreign, conversation: conversation);
        var (runs, requests) = ($"/conversations/{conversation}/runs", ApiPaths.InputRequests(conversation));
        using var caller = await application.CreateClientWithKey(project: _mine);

        Assert.Equal([mine], (await caller.List<ApiRun>($"/projects/{_mine}/runs")).Data.Select(run => run.RunId));
        Assert.Equal([mine], (await caller.List<ApiConversationRun>(runs)).Data.Select(run => run.RunId));
        Assert.Equal([asked], (await caller.List<ApiInputRequest>(requests)).Data.Select(request => request.Id));
        Assert.Empty((await caller.List<ApiInputRequest>($"{requests}?run_id={foreign}")).Data);
        Assert.Equal(3, (await application.Client.List<ApiConversationRun>(runs)).Data.Count);
        Assert.Equal(200, (await caller.Get($"{requests}/{asked}")).Status);
        (await caller.Get($"{requests}/{other}")).AssertProblem(404);
        (await caller.PostInputResponse(other, new { values = new { a = 1 } }, conversation)).AssertProblem(404);
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
        using var writer = CreateClientWithProjects($"\"{_mine}\"");
        using var restricted = CreateClientWithProjects("");
        var run = (await writer.Create(BodyIn(_mine))).Run.RunId;

        (await writer.Post("/runs", BodyIn(_other))).AssertProblem(403);
        (await restricted.Get($"/runs/{run}")).AssertProblem(404);
        (await restricted.Post("/runs", BodyIn(_mine))).AssertProblem(403);
    }

    private static Dictionary<string, object?> BodyIn(string project, string? id = null) =>
        TestRequests.TaskBody(id).With("owner", new { kind = "project", id = project });

    private static Dictionary<string, object?> BodyInConversation(string project, string id, string conversation) =>
        TestRequests.AgentBody(id)
            .With("owner", new { kind = "project", id = project })
            .With("conversation_mode", "existing")
            .With("conversation_id", conversation);

    private HttpClient CreateClientWithProjects(string projects) =>
        application.CreateClient(TestTokens.CreateWithClaims($"\"tenant\":\"acme\",\"userId\":\"u\",\"projects\":[{projects}]"));
}
