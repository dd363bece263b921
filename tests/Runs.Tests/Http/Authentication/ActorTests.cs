using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class ActorTests(EmbeddedApplication application) : ActorTests<EmbeddedApplication>(application);

/// <summary>The recorded actor of a change is that of the credential.</summary>
public abstract class ActorTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private const string User = "0c1d2e3f-1111-4222-8333-444455556666";

    [Theory]
    [InlineData("system")]
    [InlineData("agent")]
    [InlineData("human")]
    public async Task An_input_response_is_recorded_with_the_actor_type_of_the_credential(string type)
    {
        var run = (await application.Client.Create(TestRequests.AgentBody())).Run.RunId;
        var request = await application.Client.CreateInputRequest(run);
        using var caller = await application.CreateClientWithKey("read answer", actorType: type, userId: User);

        var answered = await caller.PostInputResponse(request, new { values = new { approved = true } });

        var response = answered.Read<ApiInputRequest>().LatestResponse!;
        Assert.Equal((type, User), (response.ActorType, response.ActorId));
    }

    [Fact]
    public async Task Every_change_of_a_run_stores_its_actor_in_the_same_write()
    {
        var run = TestRequests.NewId();
        using var creator = await application.CreateClientWithKey("write", userId: User);
        using var executor = await application.CreateClientWithKey("execute");
        using var canceller = application.CreateClient(TestTokens.CreateWithClaims("\"tenant\":\"dev\",\"userId\":\"user-7\""));

        await creator.Create(TestRequests.TaskBody(run));
        await executor.Post($"/runs/{run}/wait", new { reason = "event" });
        await creator.Post($"/runs/{run}/resume", new { type = "event" });
        await canceller.Post($"/runs/{run}/cancel");
        await canceller.Post($"/runs/{run}/cancel"); // changes nothing, so that no actor is recorded

        var changes = await application.GetChanges(run);
        Assert.Equal(
            [
                ("create", null, "pending"),
                ("wait", "pending", "waiting"),
                ("resume", "waiting", "running"),
                ("cancel", "running", "cancelled"),
            ],
            changes.Select(change => (change.Action, change.From, change.To)));
        Assert.Equal(
            [
                ("user", User, GetKeyPrefix(creator)),
                ("key", null, GetKeyPrefix(executor)),
                ("user", User, GetKeyPrefix(creator)),
                ("user", "user-7", null),
            ],
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
        var (withoutActor, withActor) = (await application.Client.CreateTask(), await application.Client.CreateTask());
        var actor = new Actor { Type = "user", Id = "the boss" };

        await application.Bus.Publish(new CancelRun { Tenant = "dev", RunId = withoutActor });
        await application.Bus.Publish(new CancelRun { Tenant = "dev", RunId = withActor, Actor = actor, TraceId = "t" });

        await Eventually.Holds(async () => (await GetLastChange(withoutActor)) is { Action: "cancel", Via: "broker", Actor: null });
        await Eventually.Holds(async () => (await GetLastChange(withActor)) is
        {
            Action: "cancel",
            Via: "broker",
            Actor: { Type: "user", Id: "the boss" },
            TraceId: "t",
        });
        await Eventually.Holds(() => Task.FromResult(
            IsLogged(withoutActor, "Publisher that claims to be unknown - (key -) of dev: cancel")
            && IsLogged(withActor, "Publisher that claims to be user the boss (key -) of dev: cancel")));

        bool IsLogged(string run, string text) =>
            application.AuditLog.Entries.LastOrDefault(entry => entry["RunId"] == run) is { } last
            && last.Text.StartsWith(text, StringComparison.Ordinal);
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
            Action: "cancel",
            Via: "system",
            From: "pending",
            To: "cancelled",
            Actor: { Type: "system", Id: null, KeyPrefix: null, Address: null },
            TraceId: null,
        });
        var change = await GetLastChange(parent);
        Assert.Equal(("cancel", "http", "user"), (change.Action, change.Via, change.Actor!.Type));
    }

    [Fact]
    public async Task A_timed_out_run_records_the_service_as_actor()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run, new { target = "task:t", timeout_seconds = 1 }));

        await application.Client.Post($"/runs/{run}/wait", new { reason = "event" });
        await application.Client.Post($"/runs/{run}/resume", new { type = "event" });

        await Eventually.Holds(async () =>
            await GetLastChange(run) is { Action: "due", Via: "system", To: "failed", Actor.Type: "system" });
    }

    [Fact]
    public async Task A_run_cancelled_before_its_create_records_who_cancelled_it()
    {
        var run = TestRequests.NewId();
        var actor = new Actor { Type = "service", Id = "billing" };
        await application.Bus.Publish(new CancelRun { Tenant = "dev", RunId = run, Actor = actor });
        await Eventually.Holds(async () => (await application.GetChanges(run)).Count > 0);

        await application.Client.Create(TestRequests.TaskBody(run));

        var changes = await application.GetChanges(run);
        Assert.Equal(
            [("cancel", "broker", "service"), ("create", "http", "user")],
            changes.Select(change => (change.Action, change.Via, change.Actor!.Type)));
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
