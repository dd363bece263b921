namespace Runs.Tests.Http;

public sealed class ProjectRestrictionTests(EmbeddedApplication application) : ProjectRestrictionTests<EmbeddedApplication>(application);

/// <summary>A key that is restricted to a project reads and creates runs of that project only.</summary>
public abstract class ProjectRestrictionTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private readonly string _project = TestRequests.NewUuid();
    private readonly string _otherProject = TestRequests.NewUuid();

    [Fact]
    public async Task Runs_of_other_projects_and_conversations_are_not_found_and_unchanged()
    {
        var (otherRun, conversation) = (TestRequests.NewId(), TestRequests.NewUuid());
        var chat = TestRequests.NewId();
        await application.Client.Create(BodyIn(_otherProject, otherRun));
        await application.Client.Create(TestRequests.AgentBody(chat, conversation: conversation));
        using var caller = await application.CreateClientWithKey(project: _project);
        var append = EventBodies.Append("""{"type":"CUSTOM"}""");

        foreach (var run in new[] { otherRun, chat })
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
        (await caller.RequestInput(chat, path: ApiPaths.InputRequests(conversation))).AssertProblem(404, "No such run.");
        (await caller.Get($"/projects/{_otherProject}/runs")).AssertProblem(404, "No such project.");
    }

    /// <summary>A new route with {run_id} in its path that does not restrict its callers fails this test.</summary>
    [Fact]
    public async Task Every_route_of_a_run_hides_the_runs_of_other_projects()
    {
        var (run, conversation) = (TestRequests.NewId(), TestRequests.NewUuid());
        await application.Client.Create(BodyInConversation(_otherProject, run, conversation));
        var inputRequest = await application.Client.CreateInputRequest(run, path: ApiPaths.RunInputRequests(run));
        using var caller = await application.CreateClientWithKey(project: _project);
        var routes = (await ApiRoutes.List())
            .Select(mapped => mapped.Route.Split(' '))
            .Where(route => route[1].Contains("{run_id}"))
            .Where(route => !route[1].Contains("{worker_id}") && !route[1].Contains("{child_run_id}")) // these need other credentials
            .ToList();

        Assert.Contains(routes, route => route is ["POST", "/runs/{run_id}/cancel"]);
        foreach (var route in routes)
        {
            var path = route[1].Replace("{run_id}", run).Replace("{conversation_id}", conversation)
                .Replace("{input_request_id}", inputRequest);
            Assert.DoesNotContain('{', path);
            Assert.True(route[0] is "GET" or "POST", route[0]);
            (route[0] == "GET" ? await caller.Get(path) : await caller.Post(path, new { })).AssertProblem(404, "No such run.");
        }

        Assert.Equal("waiting", (await application.Client.GetRun(run)).Status);
    }

    [Fact]
    public async Task Lists_contain_only_runs_of_the_project()
    {
        var conversation = TestRequests.NewUuid();
        var (ownRun, otherRun) = (TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(BodyInConversation(_project, ownRun, conversation));
        await application.Client.Create(BodyInConversation(_otherProject, otherRun, conversation));
        await application.Client.Create(TestRequests.AgentBody(conversation: conversation));
        var (runs, requests) = ($"/conversations/{conversation}/runs", ApiPaths.InputRequests(conversation));
        var ownRequest = await application.Client.CreateInputRequest(ownRun, path: requests);
        var otherRequest = await application.Client.CreateInputRequest(otherRun, path: requests);
        using var caller = await application.CreateClientWithKey(project: _project);

        Assert.Equal([ownRun], (await caller.List<ApiRun>($"/projects/{_project}/runs")).Data.Select(run => run.RunId));
        Assert.Equal([ownRun], (await caller.List<ApiConversationRun>(runs)).Data.Select(run => run.RunId));
        Assert.Equal([ownRequest], (await caller.List<ApiInputRequest>(requests)).Data.Select(request => request.Id));
        Assert.Empty((await caller.List<ApiInputRequest>($"{requests}?run_id={otherRun}")).Data);
        Assert.Equal(3, (await application.Client.List<ApiConversationRun>(runs)).Data.Count);
        Assert.Equal(200, (await caller.Get($"{requests}/{ownRequest}")).Status);
        (await caller.Get($"{requests}/{otherRequest}")).AssertProblem(404);
        (await caller.PostInputResponse(otherRequest, new { values = new { a = 1 } }, requests)).AssertProblem(404);
    }

    [Fact]
    public async Task Runs_are_created_only_in_the_project_and_below_its_runs()
    {
        var (ownRun, otherRun, chat) = (TestRequests.NewId(), TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(BodyIn(_otherProject, otherRun));
        await application.Client.Create(TestRequests.AgentBody(chat));
        using var caller = await application.CreateClientWithKey(project: _project);

        Assert.Equal(202, (await caller.Post("/runs", BodyIn(_project, ownRun))).Status);
        Assert.Equal(202, (await caller.Post("/runs", BodyIn(_project).With("parent_run_id", ownRun))).Status);
        (await caller.Post("/runs", BodyIn(_otherProject))).AssertProblem(403, "This credential may not create runs of this owner.");
        (await caller.Post("/runs", TestRequests.AgentBody())).AssertProblem(403);
        (await caller.Post("/runs", BodyIn(_project).With("parent_run_id", otherRun))).AssertProblem(404);
        (await caller.Post("/runs", BodyIn(_project).With("parent_run_id", chat))).AssertProblem(404);
        Assert.Equal(200, (await caller.Post($"/runs/{ownRun}/cancel")).Status);
    }

    [Fact]
    public async Task A_token_with_projects_is_restricted_like_a_key_and_with_an_empty_list_sees_nothing()
    {
        using var writer = CreateClientWithProjects($"\"{_project}\"");
        using var restricted = CreateClientWithProjects("");
        var run = (await writer.Create(BodyIn(_project))).Run.RunId;

        (await writer.Post("/runs", BodyIn(_otherProject))).AssertProblem(403);
        (await restricted.Get($"/runs/{run}")).AssertProblem(404);
        (await restricted.Post("/runs", BodyIn(_project))).AssertProblem(403);
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
