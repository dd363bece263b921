using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class ActorsOnTheEmbeddedDefault(EmbeddedStack stack) : Actors<EmbeddedStack>(stack);

/// <summary>Who did what is what the credential says.</summary>
public abstract class Actors<TStack>(TStack stack) : IClassFixture<TStack>
    where TStack : Stack
{
    [Theory]
    [InlineData("system")]
    [InlineData("agent")]
    [InlineData("human")]
    public async Task An_answer_is_recorded_with_the_type_of_the_credential(string type)
    {
        const string User = "0c1d2e3f-1111-4222-8333-444455556666";
        var (run, at) = (Calls.NewId(), $"/conversations/{Stack.Conversation}/input-requests");
        await stack.Client.Create(Calls.Agent(run));
        var asked = await stack.Client.Post(at, new { run_id = run, tool_call_id = "c", requested_responder_type = "human", title = "t", fields = new[] { 1 } });
        using var caller = await stack.CallerWith("read answer", actorType: type, userId: User);

        var answered = await caller.Post($"{at}/{asked["id"].GetString()}/responses", new { values = new { approved = true } });

        var response = answered["latest_response"];
        Assert.Equal((type, User), (response.GetProperty("actor_type").GetString(), response.GetProperty("actor_id").GetString()));
    }

    [Fact]
    public async Task The_run_says_who_changed_it_with_the_very_write()
    {
        const string User = "0c1d2e3f-1111-4222-8333-444455556666";
        var run = Calls.NewId();
        using var creator = await stack.CallerWith("write", userId: User);
        using var executor = await stack.CallerWith("execute");
        using var canceller = stack.Caller(TestTokens.With("\"tenant\":\"dev\",\"userId\":\"somebody\""));

        await creator.Create(Calls.Task(run));
        await executor.Post($"/runs/{run}/wait", new { reason = "event" });
        await creator.Post($"/runs/{run}/resume", new { type = "event" });
        await canceller.Post($"/runs/{run}/cancel");
        await canceller.Post($"/runs/{run}/cancel"); // changes nothing, and so is nobody's

        var changes = await stack.ChangesOf(run);
        Assert.Equal(
            [("create", null, "pending"), ("wait", "pending", "waiting"), ("resume", "waiting", "running"), ("cancel", "running", "cancelled")],
            changes.Select(change => (change.Action, change.From, change.To)));
        Assert.Equal(
            [("user", User, PrefixOf(creator)), ("key", null, PrefixOf(executor)), ("user", User, PrefixOf(creator)), ("user", "somebody", null)],
            changes.Select(change => (change.Actor!.Type, change.Actor.Id, change.Actor.KeyPrefix)));
        Assert.All(changes, change =>
        {
            Assert.Equal("http", change.Via);
            Assert.Equal("127.0.0.1", change.Actor!.Address);
            Assert.NotEmpty(change.TraceId!);
        });
    }

    [Fact]
    public async Task What_a_publisher_claims_is_marked_as_its_claim()
    {
        var (silent, claiming) = (Calls.NewId(), Calls.NewId());
        await stack.Client.Create(Calls.Task(silent));
        await stack.Client.Create(Calls.Task(claiming));

        await stack.Bus.Publish(new CancelRun { Tenant = "dev", RunId = silent });
        await stack.Bus.Publish(new CancelRun { Tenant = "dev", RunId = claiming, Actor = new Actor { Type = "user", Id = "the boss" }, TraceId = "t" });

        await Eventually.Holds(async () => (await Last(silent)) is { Action: "cancel", Via: "broker", Actor: null });
        await Eventually.Holds(async () => (await Last(claiming)) is { Action: "cancel", Via: "broker", Actor: { Type: "user", Id: "the boss" }, TraceId: "t" });
        await Eventually.Holds(() => Task.FromResult(
            Logged(silent).StartsWith("Publisher that claims to be unknown - (key -) of dev: cancel", StringComparison.Ordinal)
            && Logged(claiming).StartsWith("Publisher that claims to be user the boss (key -) of dev: cancel", StringComparison.Ordinal)));

        string Logged(string run) => stack.Audit.All.LastOrDefault(entry => entry["RunId"] == run)?.Text ?? "";
    }

    [Fact]
    public async Task A_run_below_a_cancelled_one_is_cancelled_by_the_service_itself()
    {
        var (parent, child) = (Calls.NewId(), Calls.NewId());
        await stack.Client.Create(Calls.Task(parent));
        await stack.Client.Create(Calls.Task(child).With("parent_run_id", parent));

        await stack.Client.Post($"/runs/{parent}/cancel");

        await Eventually.Holds(async () => await Last(child) is
        {
            Action: "cancel", Via: "system", From: "pending", To: "cancelled", Actor: { Type: "system", Id: null, KeyPrefix: null, Address: null }, TraceId: null,
        });
        Assert.Equal(("cancel", "http", "user"), (await Last(parent)) is var last ? (last.Action, last.Via, last.Actor!.Type) : default);
    }

    [Fact]
    public async Task A_run_that_a_timer_ends_is_ended_by_the_service_itself()
    {
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Task(run, new { target = "task:t", timeout_seconds = 1 }));

        await stack.Client.Post($"/runs/{run}/wait", new { reason = "event" });
        await stack.Client.Post($"/runs/{run}/resume", new { type = "event" });

        await Eventually.Holds(async () => await Last(run) is { Action: "due", Via: "system", To: "failed", Actor.Type: "system" });
    }

    [Fact]
    public async Task A_run_that_was_cancelled_before_it_was_created_still_says_who_cancelled_it()
    {
        var run = Calls.NewId();
        await stack.Bus.Publish(new CancelRun { Tenant = "dev", RunId = run, Actor = new Actor { Type = "service", Id = "billing" } });
        await Eventually.Holds(async () => (await stack.ChangesOf(run)).Count > 0);

        await stack.Client.Create(Calls.Task(run));

        var changes = await stack.ChangesOf(run);
        Assert.Equal([("cancel", "broker", "service"), ("create", "http", "user")], changes.Select(change => (change.Action, change.Via, change.Actor!.Type)));
        Assert.Equal("cancelled", changes[^1].To);
    }

    [Fact]
    public async Task Only_the_last_changes_are_kept()
    {
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Task(run));
        for (var i = 0; i < 15; i++)
        {
            await stack.Client.Post($"/runs/{run}/wait", new { reason = "event" });
            await stack.Client.Post($"/runs/{run}/resume", new { type = "event" });
        }

        var changes = await stack.ChangesOf(run);
        Assert.Equal((RunChange.MaxKept, "resume"), (changes.Count, changes[^1].Action));
    }

    private async Task<RunChange> Last(string run) => (await stack.ChangesOf(run))[^1];

    private static string PrefixOf(HttpClient caller) => caller.DefaultRequestHeaders.Authorization!.Parameter!.Split('_')[1];
}
