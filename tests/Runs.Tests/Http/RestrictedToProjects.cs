namespace Runs.Tests.Http;

public sealed class RestrictedToProjectsOnTheEmbeddedDefault(EmbeddedStack stack) : RestrictedToProjects<EmbeddedStack>(stack);

/// <summary>A key that is for one project sees and makes the runs of that project only.</summary>
public abstract class RestrictedToProjects<TStack>(TStack stack) : IClassFixture<TStack>
    where TStack : Stack
{
    private readonly string _mine = Calls.NewUuid();
    private readonly string _other = Calls.NewUuid();

    [Fact]
    public async Task Runs_of_other_projects_and_of_conversations_are_not_found_and_stay_as_they_are()
    {
        var (foreign, conversation) = (Calls.NewId(), Calls.NewUuid());
        var chat = Calls.NewId();
        await stack.Client.Create(Of(_other, foreign));
        await stack.Client.Create(Calls.Agent(chat, conversation: conversation));
        using var caller = await stack.CallerWith(project: _mine);

        foreach (var run in new[] { foreign, chat })
        {
            foreach (var path in new[] { "", "/children", "/events", "/stream" })
            {
                (await caller.Read($"/runs/{run}{path}")).IsProblem(404, "No such run.");
            }

            (await caller.Post($"/runs/{run}/cancel")).IsProblem(404, "No such run.");
            (await caller.Post($"/runs/{run}/complete", new { status = "completed" })).IsProblem(404, "No such run.");
            (await caller.Post($"/runs/{run}/wait", new { reason = "event" })).IsProblem(404, "No such run.");
            (await caller.Post($"/runs/{run}/resume", new { type = "event" })).IsProblem(404, "No such run.");
            (await caller.Post($"/runs/{run}/events", new { events = new[] { new { type = "CUSTOM" } } })).IsProblem(404, "No such run.");
            Assert.Equal("pending", (await stack.Client.Read($"/runs/{run}"))["status"].GetString());
        }

        (await caller.Read($"/conversations/{conversation}/runs/{chat}")).IsProblem(404, "No such run.");
        (await caller.Post($"/conversations/{conversation}/runs/{chat}/events", new { events = new[] { new { type = "CUSTOM" } } })).IsProblem(404, "No such run.");
        (await caller.Post($"/conversations/{conversation}/input-requests",
            new { run_id = chat, tool_call_id = "c", requested_responder_type = "human", title = "t", fields = new[] { 1 } })).IsProblem(404, "No such run.");
        (await caller.Read($"/projects/{_other}/runs")).IsProblem(404, "No such project.");
    }

    [Fact]
    public async Task Lists_have_the_runs_of_the_project_only()
    {
        var conversation = Calls.NewUuid();
        var (mine, foreign) = (Calls.NewId(), Calls.NewId());
        await stack.Client.Create(InConversation(_mine, mine, conversation));
        await stack.Client.Create(InConversation(_other, foreign, conversation));
        await stack.Client.Create(Calls.Agent(conversation: conversation));
        var asked = await Ask(conversation, mine);
        var other = await Ask(conversation, foreign);
        using var caller = await stack.CallerWith(project: _mine);

        Assert.Equal([mine], await Ids(caller, $"/projects/{_mine}/runs", "run_id"));
        Assert.Equal([mine], await Ids(caller, $"/conversations/{conversation}/runs", "run_id"));
        Assert.Equal([asked], await Ids(caller, $"/conversations/{conversation}/input-requests", "id"));
        Assert.Empty(await Ids(caller, $"/conversations/{conversation}/input-requests?run_id={foreign}", "id"));
        Assert.Equal(3, (await Ids(stack.Client, $"/conversations/{conversation}/runs", "run_id")).Count);
        Assert.Equal(200, (await caller.Read($"/conversations/{conversation}/input-requests/{asked}")).Status);
        (await caller.Read($"/conversations/{conversation}/input-requests/{other}")).IsProblem(404);
        (await caller.Post($"/conversations/{conversation}/input-requests/{other}/responses", new { values = new { a = 1 } })).IsProblem(404);
    }

    [Fact]
    public async Task Runs_are_made_in_the_project_only_and_below_runs_of_it()
    {
        var (mine, foreign, chat) = (Calls.NewId(), Calls.NewId(), Calls.NewId());
        await stack.Client.Create(Of(_other, foreign));
        await stack.Client.Create(Calls.Agent(chat));
        using var caller = await stack.CallerWith(project: _mine);

        Assert.Equal(202, (await caller.Post("/runs", Of(_mine, mine))).Status);
        Assert.Equal(202, (await caller.Post("/runs", Of(_mine).With("parent_run_id", mine))).Status);
        (await caller.Post("/runs", Of(_other))).IsProblem(403, "This credential may not create runs of this owner.");
        (await caller.Post("/runs", Calls.Agent())).IsProblem(403);
        (await caller.Post("/runs", Of(_mine).With("parent_run_id", foreign))).IsProblem(404);
        (await caller.Post("/runs", Of(_mine).With("parent_run_id", chat))).IsProblem(404);
        Assert.Equal(200, (await caller.Post($"/runs/{mine}/cancel")).Status);
    }

    [Fact]
    public async Task A_token_with_projects_is_restricted_like_a_key_and_one_with_none_of_them_sees_nothing()
    {
        using var writer = stack.Caller(TestTokens.With($"\"tenant\":\"acme\",\"userId\":\"u\",\"projects\":[\"{_mine}\"]"));
        using var nobody = stack.Caller(TestTokens.With("\"tenant\":\"acme\",\"userId\":\"u\",\"projects\":[]"));
        var run = (await writer.Create(Of(_mine))).GetProperty("run").GetProperty("run_id").GetString();

        (await writer.Post("/runs", Of(_other))).IsProblem(403);
        (await nobody.Read($"/runs/{run}")).IsProblem(404);
        (await nobody.Post("/runs", Of(_mine))).IsProblem(403);
    }

    private static Dictionary<string, object?> Of(string project, string? id = null) => Calls.Task(id).With("owner", new { kind = "project", id = project });

    private static Dictionary<string, object?> InConversation(string project, string id, string conversation) =>
        Calls.Agent(id).With("owner", new { kind = "project", id = project }).With("conversation_mode", "existing").With("conversation_id", conversation);

    private async Task<string> Ask(string conversation, string run)
    {
        var asked = await stack.Client.Post($"/conversations/{conversation}/input-requests",
            new { run_id = run, tool_call_id = "c", requested_responder_type = "human", title = "t", fields = new[] { 1 } });
        Assert.True(asked.Status == 201, asked.ToString());
        return asked["id"].GetString()!;
    }

    private static async Task<IReadOnlyList<string?>> Ids(HttpClient caller, string path, string member)
    {
        var answer = await caller.Read(path);
        Assert.True(answer.Status == 200, answer.ToString());
        return [.. answer["data"].EnumerateArray().Select(item => item.GetProperty(member).GetString())];
    }
}
