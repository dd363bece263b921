namespace Runs.Tests.Http;

public sealed class ChildRunTests(EmbeddedApplication application) : ChildRunTests<EmbeddedApplication>(application);

/// <summary>Runs with a parent: how they are created and listed.</summary>
public abstract class ChildRunTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_child_joins_the_tree_of_its_parent()
    {
        var (root, child, grandchild) = (await Client.CreateTask(), TestRequests.NewId(), TestRequests.NewId());
        await Client.Create(TestRequests.TaskBody(child).With("parent_run_id", root));
        var body = TestRequests.AgentBody(grandchild).With("parent_run_id", child).With("trigger", new { tool_call_id = "call_9" });

        var created = await Client.Create(body);
        var children = await Client.List<ApiRun>($"/runs/{child}/children");

        Assert.Equal(root, created.Run.RootRunId);
        Assert.Equal([grandchild], children.Data.Select(run => run.RunId));
        Assert.Equal("call_9", (await Client.GetConversationRun(grandchild)).SpawnedFromToolCallId);
    }

    [Fact]
    public async Task An_unknown_parent_is_rejected_and_nothing_is_created()
    {
        var id = TestRequests.NewId();

        var rejected = await Client.Post("/runs", TestRequests.TaskBody(id).With("parent_run_id", TestRequests.NewId()));

        rejected.AssertProblem(404, "parent_run_id");
        (await Client.Get($"/runs/{id}")).AssertProblem(404);
    }

    [Fact]
    public async Task A_parent_of_another_tenant_is_not_found()
    {
        var parent = await Client.CreateTask();
        using var other = application.CreateClient(RunsApplication.OtherKey);

        var rejected = await other.Post("/runs", TestRequests.TaskBody().With("parent_run_id", parent));

        rejected.AssertProblem(404, "parent_run_id");
    }

    [Fact]
    public async Task Children_are_listed_by_parent_run_and_by_parent_conversation()
    {
        var (parent, spawner, call) = (await Client.CreateRunningAgent(), TestRequests.NewUuid(), TestRequests.NewId());
        var trigger = new { conversation_id = spawner, message_id = TestRequests.NewUuid(), tool_call_id = call };
        var child = await Client.Create(TestRequests.AgentBody().With("parent_run_id", parent).With("trigger", trigger));
        await Client.Create(TestRequests.TaskBody().With("parent_run_id", parent));
        var childrenOfConversation = $"/conversations/{spawner}/runs/children-by-parent-conversation?spawned_from_tool_call_id=";

        var ofRun = await Client.List<ApiConversationRun>($"{ApiPaths.ConversationRun(parent)}/children");
        var ofConversation = await Client.List<ApiConversationRun>(childrenOfConversation + call);

        Assert.Equal([child.Run.RunId], ofRun.Data.Select(run => run.RunId));
        Assert.Equal([child.Run.RunId], ofConversation.Data.Select(run => run.RunId));
        Assert.Equal(spawner, ofConversation.Data[0].ParentConversationId);
        Assert.Empty((await Client.List<ApiConversationRun>($"{childrenOfConversation}another")).Data);
        (await Client.Get(childrenOfConversation + new string('x', 129))).AssertProblem(400);
        (await Client.Get($"{ApiPaths.ConversationRun(parent, TestRequests.NewUuid())}/children")).AssertProblem(404);
    }
}
