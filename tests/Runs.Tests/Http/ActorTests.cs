using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class EmbeddedActorTests(EmbeddedApplication application) : ActorTests<EmbeddedApplication>(application);

/// <summary>Who did what is what the credential says.</summary>
public abstract class ActorTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    [Theory]
    [InlineData("system")]
    [InlineData("agent")]
    [InlineData("human")]
    public async Task An_input_response_is_recorded_with_the_actor_type_of_the_credential(string type)
    {
        const string User = "0c1d2e3f-1111-4222-8333-444455556666";
        var (run, at) = (TestRequests.NewId(), $"/conversations/{RunsApplication.Conversation}/input-requests");
        await application.Client.Create(TestRequests.AgentBody(run));
        var asked = await application.Client.Post(at, new { run_id = run, tool_call_id = "c", requested_responder_type = "human", title = "t", fields = new[] { 1 } });
        using var caller = await application.CreateClientWithKey("read answer", actorType: type, userId: User);

        var answered = await caller.Post($"{at}/{asked["id"].GetString()}/responses", new { values = new { approved = true } });

        var response = answered["latest_response"];
        Assert.Equal((type, User), (response.GetProperty("actor_type").GetString(), response.GetProperty("actor_id").GetString()));
    }

    [Fact]
    public async Task Every_change_of_a_run_stores_its_actor_in_the_same_write()
    {
        const string User = "0c1d2e3f-1111-4222-8333-444455556666";
        var run = TestRequests.NewId();
        using var creator = await application.CreateClientWithKey("write", userId: User);
        using var executor = await application.CreateClientWithKey("execute");
        using var canceller = application.CreateClient(TestTokens.CreateWithClaims("\"tenant\":\"dev\",\"userId\":\"somebody\""));

        await creator.Create(TestRequests.TaskBody(run));
        await executor.Post($"/runs/{run}/wait", new { reason = "event" });
        await creator.Post($"/runs/{run}/resume", new { type = "event" });
        await canceller.Post($"/runs/{run}/cancel");
        await canceller.Post($"/runs/{run}/cancel"); // changes nothing, and so is nobody's

        var changes = await application.GetChanges(run);
        Assert.Equal(
            [("create", null, "pending"), ("wait", "pending", "waiting"), ("resume", "waiting", "running"), ("cancel", "running", "cancelled")],
            changes.Select(change => (change.Action, change.From, change.To)));
        Assert.Equal(
            [("user", User, GetKeyPrefix(creator)), ("key", null, GetKeyPrefix(executor)), ("user", User, GetKeyPrefix(creator)), ("user", "somebody", null)],
            changes.Select(change => (change.Actor!.Type, change.Actor.Id, change.Actor.KeyPrefix)));
        Assert.All(changes, change =>
        {
            Assert.Equal("http", change.Via);
            Assert.Equal("127.0.0.1", change.Actor!.Address);
            Assert.NotEmpty(change.TraceId!);
        });
    }

    [Fact]
    public async Task The_actor_of_a_broker_command_is_recorded_as_a_claim()
    {
        var (silent, claiming) = (TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(TestRequests.TaskBody(silent));
        await application.Client.Create(TestRequests.TaskBody(claiming));

        await application.Bus.Publish(new CancelRun { Tenant = "dev", RunId = silent });
        await application.Bus.Publish(new CancelRun { Tenant = "dev", RunId = claiming, Actor = new Actor { Type = "user", Id = "the boss" }, TraceId = "t" });

        await Eventually.Holds(async () => (await GetLastChange(silent)) is { Action: "cancel", Via: "broker", Actor: null });
        await Eventually.Holds(async () => (await GetLastChange(claiming)) is { Action: "cancel", Via: "broker", Actor: { Type: "user", Id: "the boss" }, TraceId: "t" });
        await Eventually.Holds(() => Task.FromResult(
            Logged(silent).StartsWith("Publisher that claims to be unknown - (key -) of dev: cancel", StringComparison.Ordinal)
            && Logged(claiming).StartsWith("Publisher that claims to be user the boss (key -) of dev: cancel", StringComparison.Ordinal)));

        string Logged(string run) => application.AuditLog.Entries.LastOrDefault(entry => entry["RunId"] == run)?.Text ?? "";
    }

    [Fact]
    public async Task A_descendant_of_a_cancelled_run_records_the_service_as_actor()
    {
        var (parent, child) = (TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(TestRequests.TaskBody(parent));
        await application.Client.Create(TestRequests.TaskBody(child).With("parent_run_id", parent));

        await application.Client.Post($"/runs/{parent}/cancel");

        await Eventually.Holds(async () => await GetLastChange(child) is
        {
            Action: "cancel", Via: "system", From: "pending", To: "cancelled", Actor: { Type: "system", Id: null, KeyPrefix: null, Address: null }, TraceId: null,
        });
        Assert.Equal(("cancel", "http", "user"), (await GetLastChange(parent)) is var last ? (last.Action, last.Via, last.Actor!.Type) : default);
    }

    [Fact]
    public async Task A_timed_out_run_records_the_service_as_actor()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run, new { target = "task:t", timeout_seconds = 1 }));

        await application.Client.Post($"/runs/{run}/wait", new { reason = "event" });
        await application.Client.Post($"/runs/{run}/resume", new { type = "event" });

        await Eventually.Holds(async () => await GetLastChange(run) is { Action: "due", Via: "system", To: "failed", Actor.Type: "system" });
    }

    [Fact]
    public async Task A_run_cancelled_before_its_create_records_who_cancelled_it()
    {
        var run = TestRequests.NewId();
        await application.Bus.Publish(new CancelRun { Tenant = "dev", RunId = run, Actor = new Actor { Type = "service", Id = "billing" } });
        await Eventually.Holds(async () => (await application.GetChanges(run)).Count > 0);

        await application.Client.Create(TestRequests.TaskBody(run));

        var changes = await application.GetChanges(run);
        Assert.Equal([("cancel", "broker", "service"), ("create", "http", "user")], changes.Select(change => (change.Action, change.Via, change.Actor!.Type)));
        Assert.Equal("cancelled", changes[^1].To);
    }

    [Fact]
    public async Task Only_the_latest_changes_are_stored()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));
        for (var i = 0; i < 15; i++)
        {
            await application.Client.Post($"/runs/{run}/wait", new { reason = "event" });
            await application.Client.Post($"/runs/{run}/resume", new { type = "event" });
        }

        var changes = await application.GetChanges(run);
        Assert.Equal((RunChange.MaxPerRun, "resume"), (changes.Count, changes[^1].Action));
    }

    private async Task<RunChange> GetLastChange(string run) => (await application.GetChanges(run))[^1];

    private static string GetKeyPrefix(HttpClient caller) => caller.DefaultRequestHeaders.Authorization!.Parameter!.Split('_')[1];
}
