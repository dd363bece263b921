using Microsoft.IdentityModel.JsonWebTokens;
using Runs.Contracts;

namespace Runs.Tests.Http;

public sealed class ChildEventWriterTokenTests(EmbeddedApplication application)
    : ChildEventWriterTokenTests<EmbeddedApplication>(application);

/// <summary>The exchange of the token for a run for one for a child of this run.</summary>
public abstract class ChildEventWriterTokenTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private const string Append = """{"events":[{"type":"CUSTOM"}]}""";

    [Fact]
    public async Task The_token_for_a_child_that_has_not_been_started_starts_it()
    {
        using var worker = await TestWorker.Register(application);
        var parent = await Claim(worker);
        var child = await CreateChild(parent.RunId, TaskOf(worker));

        var response = await Exchange(parent.RunEventToken!, parent.RunId, child);

        Assert.Equal(200, response.Status);
        Assert.Equal(["run_event_token"], response.Body.EnumerateObject().Select(member => member.Name));
        Assert.Contains("no-store", response.Headers["Cache-Control"], StringComparison.Ordinal);
        var token = new JsonWebToken(response["run_event_token"].GetString());
        Assert.Equal((child, worker.Id), (token.GetPayloadValue<string>("runId"), token.GetPayloadValue<string>("userId")));
        Assert.Equal(worker.Project, token.GetPayloadValue<string>("projectId"));
        Assert.False(token.TryGetPayloadValue<int>("attempt", out _));
        using var writer = application.CreateClient(token.EncodedToken);
        Assert.Equal(200, (await writer.Post($"/runs/{child}/events", Append)).Status);
        Assert.Equal("running", (await application.Client.GetRun(child)).Status);
        Assert.Equal(403, (await writer.Post($"/runs/{parent.RunId}/events", Append)).Status);
    }

    [Fact]
    public async Task The_token_for_a_started_child_names_its_current_attempt()
    {
        using var worker = await TestWorker.Register(application);
        var parent = await Claim(worker);
        var child = await CreateChild(parent.RunId, TaskOf(worker));
        Assert.Equal(child, (await worker.Claim(new { headless = true })).Run!.RunId); // not fenced

        var token = (await Exchange(parent.RunEventToken!, parent.RunId, child))["run_event_token"].GetString()!;

        Assert.Equal(1, new JsonWebToken(token).GetPayloadValue<int>("attempt"));
        using var writer = application.CreateClient(token);
        Assert.Equal(200, (await writer.Post($"/runs/{child}/events", Append)).Status);
        await worker.Release(child, new { attempt = 1, reason = ReleaseReasons.Shutdown });
        Assert.Equal(child, (await worker.ClaimTask()).RunId);
        (await writer.Post($"/runs/{child}/events", Append)).AssertProblemCode(409, "ATTEMPT_LOST");
    }

    [Fact]
    public async Task The_token_for_a_conversations_child_has_the_project_of_its_parent()
    {
        using var worker = await TestWorker.Register(application);
        var parent = await Claim(worker);
        var child = await CreateChild(parent.RunId, TestRequests.AgentBody());

        var token = (await Exchange(parent.RunEventToken!, parent.RunId, child))["run_event_token"].GetString()!;

        Assert.Equal(worker.Project, new JsonWebToken(token).GetPayloadValue<string>("projectId"));
        using var writer = application.CreateClient(token);
        Assert.Equal(200, (await writer.Post($"{ApiPaths.ConversationRun(child)}/events", Append)).Status);
    }

    [Fact]
    public async Task The_token_for_a_child_is_exchanged_for_one_for_a_grandchild()
    {
        using var worker = await TestWorker.Register(application);
        var parent = await Claim(worker);
        var child = await CreateChild(parent.RunId, TaskOf(worker));
        var grandchild = await CreateChild(child, TaskOf(worker));
        var token = (await Exchange(parent.RunEventToken!, parent.RunId, child))["run_event_token"].GetString()!;

        Assert.Equal(200, (await Exchange(token, child, grandchild)).Status);
        (await Exchange(parent.RunEventToken!, parent.RunId, grandchild)).AssertProblemCode(404, "RUN_NOT_FOUND");
    }

    [Fact]
    public async Task No_token_is_issued_for_a_run_that_is_no_child_or_has_ended()
    {
        using var worker = await TestWorker.Register(application);
        var parent = await Claim(worker);
        var (stranger, ended) = (await application.Client.CreateTask(), await CreateChild(parent.RunId, TaskOf(worker)));
        await application.Client.Post($"/runs/{ended}/cancel");
        using var otherTenant = application.CreateClient(RunsApplication.OtherKey);

        foreach (var run in new[] { stranger, parent.RunId, "none", "not%20an%20id", await otherTenant.CreateTask() })
        {
            (await Exchange(parent.RunEventToken!, parent.RunId, run)).AssertProblemCode(404, "RUN_NOT_FOUND");
        }

        (await Exchange(parent.RunEventToken!, parent.RunId, ended)).AssertProblemCode(403, "RUN_NOT_ACTIVE");
    }

    [Fact]
    public async Task The_token_of_an_attempt_that_is_over_is_not_exchanged()
    {
        using var worker = await TestWorker.Register(application);
        var parent = await Claim(worker);
        var child = await CreateChild(parent.RunId, TaskOf(worker));
        await worker.Release(parent.RunId, new { attempt = 1, reason = ReleaseReasons.Shutdown });

        (await Exchange(parent.RunEventToken!, parent.RunId, child)).AssertProblemCode(409, "ATTEMPT_LOST");
    }

    [Fact]
    public async Task Other_credentials_are_not_exchanged()
    {
        using var worker = await TestWorker.Register(application);
        var parent = await Claim(worker);
        var child = await CreateChild(parent.RunId, TaskOf(worker));
        var path = $"/runs/{parent.RunId}/children/{child}/event-writer-token";
        using var anyone = application.CreateClient(null);

        (await application.Client.Post(path)).AssertProblemCode(403, "EVENT_WRITER_TOKEN_REQUIRED");
        (await worker.Client.Post(path)).AssertProblemCode(403, "WORKER_TOKEN_NOT_ALLOWED");
        Assert.Equal(401, (await anyone.Post(path)).Status);
    }

    // A child belongs to the project of its parent.
    private static Dictionary<string, object?> TaskOf(TestWorker worker) =>
        TestRequests.TaskBody().With("owner", new { kind = "project", id = worker.Project });

    private static async Task<ApiClaimedRun> Claim(TestWorker worker)
    {
        await worker.CreateTask();
        return await worker.ClaimTask();
    }

    private async Task<string> CreateChild(string parent, Dictionary<string, object?> body) =>
        (await application.Client.Create(body.With("parent_run_id", parent))).Run.RunId;

    private async Task<ApiResponse> Exchange(string token, string run, string child)
    {
        using var writer = application.CreateClient(token);
        return await writer.Post($"/runs/{run}/children/{child}/event-writer-token");
    }
}
