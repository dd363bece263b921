using System.Net;
using Microsoft.Extensions.Logging;
using Runs.Contracts;

namespace Runs.Tests.Http;

public sealed class AuditLogTests(EmbeddedApplication application) : AuditLogTests<EmbeddedApplication>(application);

/// <summary>
/// The log category <c>Runs.Audit</c>. An entry is written after the response, so the tests wait for it.
/// </summary>
public abstract class AuditLogTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string User = "0c1d2e3f-1111-4222-8333-444455556666";

    [Fact]
    public async Task Every_command_is_logged_with_its_caller_run_outcome_and_trace()
    {
        var run = TestRequests.NewId();
        using var caller = await application.CreateClientWithKey(userId: User);
        caller.DefaultRequestHeaders.Add("traceparent", $"00-{Trace}-00f067aa0ba902b7-01");

        await caller.Create(TestRequests.AgentBody(run));
        await caller.Post($"/runs/{run}/events", new { events = new[] { new { type = "RUN_STARTED", runId = run, threadId = "t" } } });
        await caller.Post($"{ApiPaths.ConversationRun(run)}/events", EventBodies.Append("""{"type":"CUSTOM","name":"n","value":1}"""));
        await caller.Post($"/runs/{run}/wait", new { reason = "event" });
        await caller.Post($"/runs/{run}/resume", new { type = "event" });
        await caller.PostInputResponse(await caller.CreateInputRequest(run, "first"), new { values = new { ok = true } });
        await caller.Post($"{ApiPaths.InputRequests()}/{await caller.CreateInputRequest(run, "second")}/cancel");
        await caller.Post($"/runs/{run}/complete", new { status = "completed" });
        await caller.Post($"/runs/{run}/cancel");

        var entries = await GetEntries(caller, 11);
        Assert.Equal(
            [
                $"createRun {run} 202",
                $"appendEvents {run} 200",
                $"appendConversationEvents {run} 200",
                $"waitRun {run} 200",
                $"resumeRun {run} 200",
                $"createInputRequest {run} 201",
                $"respondToInputRequest {run} 200",
                $"createInputRequest {run} 201",
                $"cancelInputRequest {run} 200",
                $"completeRun {run} 200",
                $"cancelRun {run} 200",
            ],
            entries.Select(entry => entry.Summary));
        Assert.All(entries, entry =>
        {
            Assert.Equal(("user", User, GetKeyPrefix(caller)), (entry["ActorType"], entry["ActorId"], entry["KeyPrefix"]));
            Assert.Equal(("dev", "127.0.0.1", Trace), (entry["Tenant"], entry["Address"], entry["TraceId"]));
            var isAppend = entry["Action"].StartsWith("append", StringComparison.Ordinal);
            Assert.Equal(isAppend ? LogLevel.Debug : LogLevel.Information, entry.Level);
        });
        AssertSecretNotLogged(caller);

        var changes = await application.GetChanges(run);
        Assert.Equal(
            ["create", "start", "wait", "resume", "wait", "resume", "wait", "resume", "complete"],
            changes.Select(change => change.Action));
        Assert.All(changes, change => Assert.Equal((Trace, GetKeyPrefix(caller)), (change.TraceId, change.Actor!.KeyPrefix)));
    }

    [Fact]
    public async Task Commands_that_change_nothing_are_logged_with_their_outcome()
    {
        var run = TestRequests.NewId();
        using var caller = await application.CreateClientWithKey(userId: User);
        await application.Client.Create(TestRequests.TaskBody(run));

        await caller.Post("/runs/no-such-run/cancel");
        await caller.Post($"/runs/{run}/resume", new { type = "tool_result", tool_call_id = "call", result = 1 });
        await caller.Post($"/runs/{run}/complete", new { status = "nonsense" });
        await caller.Post("/runs", "not JSON");
        await caller.Post("/runs", TestRequests.TaskBody(run).With("kind", "eval").With("request", new { target = "eval:e" }));
        await caller.PostInputResponse(TestRequests.NewUuid(), new { values = new { } });

        Assert.Equal(
            [
                "cancelRun no-such-run 404",
                $"resumeRun {run} 409",
                $"completeRun {run} 400",
                "createRun - 400",
                $"createRun {run} 409",
                "respondToInputRequest - 404",
            ],
            (await GetEntries(caller, 6)).Select(entry => entry.Summary));
    }

    [Fact]
    public async Task A_rejected_broker_command_is_logged_with_its_claimed_actor_and_code()
    {
        var (none, ended) = (TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(TestRequests.TaskBody(ended));
        await application.Client.Post($"/runs/{ended}/cancel");
        var actor = new Actor { Type = "user", Id = "user-7" };

        var complete = new CompleteRun { Tenant = "dev", RunId = none, Status = "completed", Actor = actor, TraceId = Trace };
        await application.Bus.Publish(complete);
        await application.Bus.Publish(new WaitRun { Tenant = "dev", RunId = ended, Reason = "event", Actor = actor });

        await Eventually.Holds(() => Task.FromResult(
            IsLogged(none, "complete", "RUN_NOT_FOUND", Trace) && IsLogged(ended, "wait", "RUN_NOT_ACTIVE", "-")));

        bool IsLogged(string run, string action, string code, string trace) => application.AuditLog.Entries.Any(entry =>
            (entry["RunId"], entry["Action"], entry["Code"], entry["TraceId"]) == (run, action, code, trace)
            && (entry["ActorType"], entry["ActorId"], entry["Tenant"]) == ("user", "user-7", "dev"));
    }

    [Fact]
    public async Task A_missing_scope_and_an_invalid_credential_are_logged_without_the_secret()
    {
        using var reader = await application.CreateClientWithKey("read", userId: User);
        using var owner = await application.CreateClientWithKey();
        using var thief = application.CreateClient($"vf_{GetKeyPrefix(owner)}_a-wrong-secret");
        using var unknown = application.CreateClient("not-even-a-token");

        await reader.Post("/runs/a-run/cancel");
        await Eventually.Holds(async () => // the log of invalid credentials has a rate limit, which another test may have reached
        {
            Assert.Equal(401, (await thief.Post("/runs/a-run/cancel")).Status);
            Assert.Equal(401, (await unknown.Get("/runs/a-strangers-run")).Status);
            return application.AuditLog.Entries.Any(IsThiefs) && application.AuditLog.Entries.Any(IsStrangers);
        });

        var forbidden = Assert.Single(await GetEntries(reader, 1));
        AssertEntry(("cancelRun a-run 403", "user", "dev"), forbidden);
        AssertEntry(("cancelRun a-run 401", "unknown", "-"), application.AuditLog.Entries.First(IsThiefs));
        AssertSecretNotLogged(reader);
        Assert.DoesNotContain(application.AuditLog.Entries, entry => entry.Text.Contains("a-wrong-secret", StringComparison.Ordinal));
        Assert.DoesNotContain(application.AuditLog.Entries, entry => entry.Text.Contains("not-even", StringComparison.Ordinal));

        static void AssertEntry((string Summary, string ActorType, string Tenant) expected, AuditEntry entry)
        {
            Assert.Equal(expected, (entry.Summary, entry["ActorType"], entry["Tenant"]));
            Assert.Equal(LogLevel.Warning, entry.Level);
        }

        bool IsThiefs(AuditEntry entry) => entry["KeyPrefix"] == GetKeyPrefix(owner);

        static bool IsStrangers(AuditEntry entry) => entry.Summary == "getRun a-strangers-run 401" && entry["KeyPrefix"] == "-";
    }

    [Fact]
    public async Task A_flood_of_invalid_credentials_is_aggregated_and_tenant_rejections_are_still_logged()
    {
        using var reader = await application.CreateClientWithKey("read");
        using var wrong = application.CreateClient("vf_flood_x");
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal(401, (await wrong.Get("/runs/any")).Status);
        }

        await reader.Post("/runs/any/cancel");

        Assert.Equal("403", Assert.Single(await GetEntries(reader, 1))["Status"]);
        var logged = application.AuditLog.Entries.Where(entry => entry["KeyPrefix"] == "flood").ToList();
        Assert.InRange(logged.Count, 1, 299);
    }

    [Fact]
    public async Task Reads_are_not_logged_and_paths_cannot_inject_log_lines()
    {
        using var caller = await application.CreateClientWithKey("read write");

        await caller.Get("/runs/a-read-run");
        await caller.Post("/runs/aaa%0d%0acrit: forged/cancel");

        Assert.Equal("cancelRun - 404", Assert.Single(await GetEntries(caller, 1)).Summary);
        Assert.DoesNotContain(application.AuditLog.Entries, entry => entry.Text.Contains("a-read-run", StringComparison.Ordinal));
        Assert.DoesNotContain(application.AuditLog.Entries, entry => entry.Text.Contains("forged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_that_fails_with_an_exception_is_logged_with_its_response_status()
    {
        using var caller = await application.CreateClientWithKey();
        using var notCompressed = new StringContent("{}")
        {
            Headers = { ContentType = new("application/json"), ContentEncoding = { "gzip" } },
        };

        using var response = await caller.PostAsync("/runs/a-run/complete", notCompressed);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("completeRun a-run 400", Assert.Single(await GetEntries(caller, 1)).Summary);
    }

    private static string GetKeyPrefix(HttpClient caller) => caller.DefaultRequestHeaders.Authorization!.Parameter!.Split('_')[1];

    private void AssertSecretNotLogged(HttpClient caller)
    {
        var secret = caller.DefaultRequestHeaders.Authorization!.Parameter!.Split('_', 3)[2];
        Assert.DoesNotContain(application.AuditLog.Entries, entry => entry.Text.Contains(secret, StringComparison.Ordinal));
    }

    private async Task<IReadOnlyList<AuditEntry>> GetEntries(HttpClient caller, int count)
    {
        IReadOnlyList<AuditEntry> entries = [];
        await Eventually.Holds(() =>
        {
            entries = [.. application.AuditLog.Entries.Where(entry => entry["KeyPrefix"] == GetKeyPrefix(caller))];
            return Task.FromResult(entries.Count >= count);
        });
        Assert.Equal(count, entries.Count);
        return entries;
    }
}
