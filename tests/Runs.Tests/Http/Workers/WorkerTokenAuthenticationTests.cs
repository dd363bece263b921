using Microsoft.Extensions.Logging;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class WorkerTokenAuthenticationTests(EmbeddedApplication application)
    : WorkerTokenAuthenticationTests<EmbeddedApplication>(application);

/// <summary>The tokens of workers: what they are accepted for, their rotation and their revocation.</summary>
public abstract class WorkerTokenAuthenticationTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_heartbeat_returns_the_worker_and_no_token_while_the_token_is_new()
    {
        var registered = await Client.RegisterWorker();
        using var process = application.CreateWorkerClient(registered);

        var empty = await process.Heartbeat(registered.Worker.Id);
        var withObject = await process.Heartbeat(registered.Worker.Id.ToUpperInvariant(), """{"later":1}""");

        Assert.All([empty, withObject], response =>
        {
            Assert.Equal(["worker"], response.Body.EnumerateObject().Select(member => member.Name));
            var worker = response["worker"];
            Assert.Equal(registered.Worker.Id, worker.GetProperty("id").GetString());
            Assert.Equal("active", worker.GetProperty("status").GetString());
            Assert.True(worker.GetProperty("last_heartbeat_at").GetDateTimeOffset() >= registered.Worker.CreatedAt);
        });
        (await process.Heartbeat(registered.Worker.Id, "[]")).AssertProblem(400, "The body must be a JSON object.");
        (await process.Heartbeat(registered.Worker.Id, "{")).AssertProblemCode(400, "INVALID_JSON");
        using var text = new StringContent("{}");
        using var response = await process.PostAsync($"/agent-workers/workers/{registered.Worker.Id}/heartbeat", text);
        Assert.Equal(415, (int)response.StatusCode);
    }

    [Fact]
    public async Task Heartbeats_count_as_reads_and_changes_of_workers_as_commands()
    {
        var response = await Client.Post(WorkerClientExtensions.WorkersPath(), WorkerClientExtensions.WorkerBody());
        var registered = response.Read<RegisteredWorker>(201);
        using var process = application.CreateWorkerClient(registered);

        AssertPolicy("commands", response);
        AssertPolicy("reads", await process.Heartbeat(registered.Worker.Id));
        AssertPolicy("commands", await Client.RevokeWorker(registered.Worker.Id));

        static void AssertPolicy(string policy, ApiResponse response) =>
            Assert.StartsWith($"\"{policy}\"", response.Headers["RateLimit-Policy"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_heartbeat_is_recorded_in_the_store()
    {
        var registered = await Client.RegisterWorker();
        using var process = application.CreateWorkerClient(registered);

        await process.Heartbeat(registered.Worker.Id);

        await Eventually.Holds(async () => (await Find(registered)).LastHeartbeatAt >= registered.Worker.CreatedAt);
    }

    [Fact]
    public async Task An_old_token_is_replaced_and_works_for_another_hour()
    {
        var registered = await Client.RegisterWorker();
        await ReplaceTokens(registered, token => token with { CreatedAt = token.CreatedAt.AddHours(-12).AddSeconds(-1) });
        using var process = application.CreateWorkerClient(registered);

        var rotated = await process.Heartbeat(registered.Worker.Id);
        var repeated = await process.Heartbeat(registered.Worker.Id);

        var token = rotated["token"].GetString()!;
        Assert.Matches($"^vfw_{Guid.Parse(registered.Worker.Id):N}_[A-Za-z0-9_-]{{43}}$", token);
        Assert.NotEqual(registered.Token, token);
        Assert.Equal(["worker"], repeated.Body.EnumerateObject().Select(member => member.Name));
        var old = (await Find(registered)).Tokens[0];
        Assert.Equal(TimeSpan.FromHours(1), old.ExpiresAt - old.ReplacedAt);
        process.UseToken(token);
        Assert.Equal(["worker"], (await process.Heartbeat(registered.Worker.Id)).Body.EnumerateObject().Select(member => member.Name));

        await ReplaceTokens(registered, stored => stored.ReplacedAt is null ? stored : stored with { ExpiresAt = stored.CreatedAt });

        process.UseToken(registered.Token);
        await Eventually.Holds(async () => (await process.Heartbeat(registered.Worker.Id)).Status == 401);
        process.UseToken(token);
        Assert.Equal(200, (await process.Heartbeat(registered.Worker.Id)).Status);
    }

    [Fact]
    public async Task An_expired_token_is_rejected()
    {
        var registered = await Client.RegisterWorker();
        await ReplaceTokens(registered, token => token with { ExpiresAt = token.CreatedAt });
        using var process = application.CreateWorkerClient(registered);

        (await process.Heartbeat(registered.Worker.Id)).AssertProblem(401, "Invalid authentication token");
    }

    [Fact]
    public async Task Made_up_and_malformed_tokens_are_unauthorized()
    {
        var registered = await Client.RegisterWorker();
        var id = Guid.Parse(registered.Worker.Id);
        string[] tokens =
        [
            $"vfw_{id:N}_{new string('A', 43)}",
            $"vfw_{Guid.CreateVersion7():N}_{registered.Token[^43..]}",
            registered.Token[..^1],
            registered.Token + "A",
            registered.Token.Replace('_', '-'),
            $"vfw_{id}_{registered.Token[^43..]}",
            "vfw_",
        ];
        foreach (var token in tokens)
        {
            using var caller = application.CreateClient(null);
            caller.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");
            var response = await caller.Heartbeat(registered.Worker.Id);
            response.AssertProblem(401, "Invalid authentication token");
            Assert.Equal("Bearer", response.Headers["WWW-Authenticate"]);
        }

        using var keyHeader = application.CreateClient(null);
        keyHeader.DefaultRequestHeaders.Add("X-API-Key", registered.Token);
        Assert.Equal(401, (await keyHeader.Heartbeat(registered.Worker.Id)).Status);
    }

    [Fact]
    public async Task A_token_is_accepted_for_its_own_worker_only()
    {
        var (own, other) = (await Client.RegisterWorker(), await Client.RegisterWorker());
        using var otherTenantClient = application.CreateClient(RunsApplication.OtherKey);
        var foreign = await otherTenantClient.RegisterWorker();
        using var process = application.CreateWorkerClient(own);

        (await process.Heartbeat(other.Worker.Id)).AssertProblemCode(403, "WORKER_FORBIDDEN");
        (await process.Heartbeat(foreign.Worker.Id)).AssertProblemCode(404, "WORKER_NOT_FOUND");
        (await process.Heartbeat(TestRequests.NewUuid())).AssertProblemCode(404, "WORKER_NOT_FOUND");
        (await process.Heartbeat("none")).AssertProblemCode(404, "WORKER_NOT_FOUND");
        (await Client.Heartbeat(own.Worker.Id)).AssertProblemCode(403, "WORKER_TOKEN_REQUIRED");
        using var anyone = application.CreateClient(null);
        Assert.Equal(401, (await anyone.Heartbeat(own.Worker.Id)).Status);
    }

    [Fact]
    public async Task A_revoked_worker_is_rejected_until_it_is_registered_again()
    {
        var key = TestRequests.NewUuid();
        var registered = await Client.RegisterWorker(key);
        using var process = application.CreateWorkerClient(registered);
        Assert.Equal(200, (await process.Heartbeat(registered.Worker.Id)).Status);

        Assert.Equal(204, (await Client.RevokeWorker(registered.Worker.Id)).Status);

        (await process.Heartbeat(registered.Worker.Id)).AssertProblem(401, "Invalid authentication token");
        var revoked = await Find(registered);
        Assert.Empty(revoked.Tokens);
        Assert.Equal(204, (await Client.RevokeWorker(registered.Worker.Id)).Status);
        Assert.Equal(revoked.Version, (await Find(registered)).Version);
        Assert.DoesNotContain(
            (await Client.List<ApiWorker>($"{WorkerClientExtensions.WorkersPath()}?limit=100")).Data,
            worker => worker.Id == registered.Worker.Id);

        var again = await Client.RegisterWorker(key);
        Assert.Equal((registered.Worker.Id, "active"), (again.Worker.Id, again.Worker.Status));
        Assert.Equal(401, (await process.Heartbeat(registered.Worker.Id)).Status);
        process.UseToken(again.Token);
        Assert.Equal(200, (await process.Heartbeat(registered.Worker.Id)).Status);
    }

    [Fact]
    public async Task A_worker_of_another_tenant_is_not_found_and_not_revoked()
    {
        var registered = await Client.RegisterWorker();
        using var otherTenant = application.CreateClient(RunsApplication.OtherKey);

        (await otherTenant.RevokeWorker(registered.Worker.Id)).AssertProblemCode(404, "WORKER_NOT_FOUND");
        (await Client.RevokeWorker(TestRequests.NewUuid())).AssertProblemCode(404, "WORKER_NOT_FOUND");
        (await Client.RevokeWorker("none")).AssertProblemCode(404, "WORKER_NOT_FOUND");

        using var process = application.CreateWorkerClient(registered);
        Assert.Equal(200, (await process.Heartbeat(registered.Worker.Id)).Status);
    }

    [Fact]
    public async Task Calls_of_workers_are_audited_with_the_worker_and_without_the_token()
    {
        var registered = await Client.RegisterWorker();
        using var process = application.CreateWorkerClient(registered);

        await process.Heartbeat(registered.Worker.Id);
        await process.Post("/runs/a-run/cancel");
        await Client.RevokeWorker(registered.Worker.Id);
        await process.Post("/runs/a-run/cancel");

        await Eventually.Succeeds(() =>
        {
            var entries = application.AuditLog.Entries.Where(entry => entry["ActorId"] == registered.Worker.Id).ToList();
            Assert.Equal(
                [
                    ("worker", "dev", "sendHeartbeat - 200", LogLevel.Debug),
                    ("worker", "dev", "cancelRun a-run 403", LogLevel.Warning),
                    ("unknown", "-", "cancelRun a-run 401", LogLevel.Warning),
                ],
                entries.Select(entry => (entry["ActorType"], entry["Tenant"], entry.Summary, entry.Level)));
            return Task.CompletedTask;
        });
        Assert.DoesNotContain(
            application.AuditLog.Entries, entry => entry.Text.Contains(registered.Token[^43..], StringComparison.Ordinal));
    }

    private async Task<Worker> Find(RegisteredWorker registered) =>
        (await application.WorkerStore.Find(Guid.Parse(registered.Worker.Id), default))!;

    private async Task ReplaceTokens(RegisteredWorker registered, Func<WorkerToken, WorkerToken> replace)
    {
        await Eventually.Holds(async () =>
        {
            var worker = await Find(registered);
            var replaced = worker with { Tokens = worker.Tokens.ConvertAll(token => replace(token)), Version = worker.Version + 1 };
            return await application.WorkerStore.TryReplace(replaced, worker.Version, default);
        });
    }
}
