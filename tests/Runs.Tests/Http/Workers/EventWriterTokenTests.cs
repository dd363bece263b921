using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class EventWriterTokenTests(EmbeddedApplication application) : EventWriterTokenTests<EmbeddedApplication>(application);

/// <summary>The token that a claim returns: it allows appends to its run, for its attempt, and nothing else.</summary>
public abstract class EventWriterTokenTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private const string Append = """{"events":[{"type":"CUSTOM"}]}""";

    private static readonly string[] OwnRoutes =
    [
        "POST /runs/{run_id}/events",
        "POST /conversations/{conversation_id}/runs/{run_id}/events",
        "POST /runs/{run_id}/children/{child_run_id}/event-writer-token",
    ];

    [Fact]
    public async Task A_claim_returns_a_token_that_the_published_keys_verify()
    {
        using var worker = await TestWorker.Register(application);
        await worker.CreateTask();

        var run = await worker.ClaimTask();

        var token = new JsonWebToken(run.RunEventToken);
        Assert.Equal(("RS256", "run-event-writer+jwt"), (token.Alg, token.Typ));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["userId"] = $"\"{worker.Id}\"",
                ["actorType"] = "\"service_account\"",
                ["tokenUse"] = "\"run_event_writer\"",
                ["tenant"] = "\"dev\"",
                ["projectId"] = $"\"{worker.Project}\"",
                ["runId"] = $"\"{run.RunId}\"",
                ["scopes"] = """["agent-runs:events:append"]""",
                ["attempt"] = "1",
            },
            JsonElement.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload)).EnumerateObject()
                .Where(claim => claim.Name is not ("iss" or "aud" or "iat" or "exp"))
                .ToDictionary(claim => claim.Name, claim => claim.Value.GetRawText()));
        Assert.Equal(TimeSpan.FromHours(1), token.ValidTo - token.IssuedAt);
        Assert.InRange(run.RunEventToken!.Length, 1, 4096);
        using var anyone = application.CreateClient(null);
        using var response = await anyone.GetAsync("/.well-known/jwks.json");
        Assert.Equal("public, max-age=300", $"{response.Headers.CacheControl}");
        Assert.Equal("application/jwk-set+json", response.Content.Headers.ContentType?.MediaType);
        var key = Assert.Single(new JsonWebKeySet(await response.Content.ReadAsStringAsync()).GetSigningKeys());
        Assert.Equal(token.Kid, key.KeyId);
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(run.RunEventToken, new TokenValidationParameters
        {
            IssuerSigningKey = key,
            ValidIssuer = "runs",
            ValidAudience = "runs",
        });
        Assert.True(result.IsValid, result.Exception?.Message);
    }

    [Fact]
    public async Task A_renewed_lease_returns_a_token_of_the_same_attempt()
    {
        using var worker = await TestWorker.Register(application);
        await worker.CreateTask();
        var run = await worker.ClaimTask();

        var renewed = (await worker.Renew(run.RunId, new { attempt = run.Attempt })).Run!;

        using var writer = application.CreateClient(renewed.RunEventToken);
        Assert.Equal(1, new JsonWebToken(renewed.RunEventToken).GetPayloadValue<int>("attempt"));
        Assert.Equal(200, (await writer.Post($"/runs/{run.RunId}/events", Append)).Status);
    }

    [Fact]
    public async Task Both_append_routes_accept_the_token_of_their_run()
    {
        var kind = $"impl-{TestRequests.NewUuid()[^12..]}";
        using var worker = await TestWorker.Register(application, kind: kind);
        var body = TestRequests.AgentBody(request: new { agent_id = "writer", implementation_kind = kind });
        var chat = (await application.Client.Create(body)).Run.RunId;
        using var writer = application.CreateClient((await worker.Claim(new { fenced = true })).Run!.RunEventToken);

        Assert.Equal(200, (await writer.Post($"{ApiPaths.ConversationRun(chat)}/events", Append)).Status);
        Assert.Equal(200, (await writer.Post($"/runs/{chat}/events", Append)).Status);

        var elsewhere = ApiPaths.ConversationRun(chat, TestRequests.NewUuid());
        (await writer.Post($"{elsewhere}/events", Append)).AssertProblemCode(404, "RUN_NOT_FOUND");
        Assert.Equal(2, (await Stored(chat)).LatestExternalEventSequence);
    }

    [Fact]
    public async Task The_token_names_its_attempt_when_an_append_names_none()
    {
        using var worker = await TestWorker.Register(application);
        var id = await worker.CreateTask();
        using var first = application.CreateClient((await worker.Claim(new { headless = true })).Run!.RunEventToken); // not fenced
        Assert.Equal(200, (await first.Post($"/runs/{id}/events", Append)).Status);
        Assert.Equal(200, (await worker.Release(id, new { attempt = 1, reason = ReleaseReasons.Shutdown })).Status);
        using var second = application.CreateClient((await worker.Claim(new { headless = true })).Run!.RunEventToken);

        (await first.Post($"/runs/{id}/events", Append)).AssertProblemCode(409, "ATTEMPT_LOST");
        await AssertNotAllowed(first.Post($"/runs/{id}/events", """{"events":[{"type":"CUSTOM"}],"attempt":2}"""));
        await AssertNotAllowed(second.Post($"/runs/{id}/events", """{"events":[{"type":"CUSTOM"}],"attempt":1}"""));
        Assert.Equal(1, (await Stored(id)).LatestExternalEventSequence);

        Assert.Equal(200, (await second.Post($"/runs/{id}/events", Append)).Status);
        Assert.Equal(200, (await second.Post($"/runs/{id}/events", """{"events":[{"type":"CUSTOM"}],"attempt":2}""")).Status);
    }

    [Fact]
    public async Task X19_every_other_route_rejects_the_token()
    {
        using var worker = await TestWorker.Register(application);
        var id = await worker.CreateTask();
        using var writer = application.CreateClient((await worker.ClaimTask()).RunEventToken);
        var before = await Stored(id);
        var routes = (await ApiRoutes.List()).Select(mapped => mapped.Route).Except(OwnRoutes).ToList();

        Assert.True(routes.Count > 25, $"{routes.Count} routes were checked.");
        foreach (var route in routes)
        {
            var (method, path) = (route.Split(' ')[0], Regex.Replace(route.Split(' ')[1].Replace("{run_id}", id), "{[^}]+}", "any"));
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            using var response = await writer.SendAsync(request);
            (await ApiResponse.From(response)).AssertProblemCode(403, "EVENT_WRITER_TOKEN_NOT_ALLOWED");
        }

        Assert.Equal(RunVersion.From(before), RunVersion.From(await Stored(id)));
    }

    [Fact]
    public async Task X19_the_token_is_rejected_for_every_other_run()
    {
        using var worker = await TestWorker.Register(application);
        await worker.CreateTask();
        using var writer = application.CreateClient((await worker.ClaimTask()).RunEventToken);
        var other = await worker.CreateTask();
        await worker.ClaimTask();
        using var otherTenant = application.CreateClient(RunsApplication.OtherKey);

        foreach (var run in new[] { other, "none", "not%2Fan%20id", await otherTenant.CreateTask() })
        {
            await AssertNotAllowed(writer.Post($"/runs/{run}/events", Append));
            await AssertNotAllowed(writer.Post($"{ApiPaths.ConversationRun(run)}/events", Append));
            await AssertNotAllowed(writer.Post($"/runs/{run}/children/{other}/event-writer-token"));
        }

        Assert.Equal(0, (await Stored(other)).LatestExternalEventSequence);
    }

    [Fact]
    public async Task Forged_tokens_are_unauthorized()
    {
        using var worker = await TestWorker.Register(application);
        var id = await worker.CreateTask();
        var token = (await worker.ClaimTask()).RunEventToken!;
        var (header, payload, signature) = (token.Split('.')[0], token.Split('.')[1], token.Split('.')[2]);
        var otherRun = Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(payload).Replace("\"attempt\":1", "\"attempt\":2"));
        var unsigned = Base64UrlEncoder.Encode("""{"alg":"none","typ":"run-event-writer+jwt"}""");
        var kid = new JsonWebToken(token).Kid;
        string[] forged =
        [
            $"{header}.{otherRun}.{signature}",
            $"{header}.{payload}.",
            $"{unsigned}.{payload}.",
            $"{header}.{payload}.{Base64UrlEncoder.Encode(new byte[256])}",
            SignAsIssuer($$"""{"alg":"RS256","typ":"run-event-writer+jwt","kid":"{{kid}}"}""", payload),
            SignAsIssuer("""{"alg":"RS256","typ":"run-event-writer+jwt"}""", payload),
            SignAsIssuer("""{"alg":"RS256","typ":"JWT"}""", payload),
        ];
        foreach (var credential in forged)
        {
            using var writer = application.CreateClient(credential);
            (await writer.Post($"/runs/{id}/events", Append)).AssertProblem(401, "Invalid authentication token");
        }

        Assert.Equal(0, (await Stored(id)).LatestExternalEventSequence);

        static string SignAsIssuer(string header, string payload) =>
            TestTokens.Sign(System.Text.Encoding.UTF8.GetBytes(header), Base64UrlEncoder.DecodeBytes(payload));
    }

    [Fact]
    public async Task Appends_are_audited_as_those_of_the_worker_and_without_the_token()
    {
        using var worker = await TestWorker.Register(application);
        var id = await worker.CreateTask();
        var token = (await worker.ClaimTask()).RunEventToken!;
        using var writer = application.CreateClient(token);

        await writer.Post($"/runs/{id}/events", Append);
        await writer.Post($"/runs/{id}/cancel");

        await Eventually.Succeeds(() =>
        {
            var entries = application.AuditLog.Entries
                .Where(entry => entry["ActorId"] == worker.Id && entry.Summary.Contains(id, StringComparison.Ordinal));
            Assert.Equal(
                [("worker", $"appendEvents {id} 200", LogLevel.Debug), ("worker", $"cancelRun {id} 403", LogLevel.Warning)],
                entries.Select(entry => (entry["ActorType"], entry.Summary, entry.Level)));
            return Task.CompletedTask;
        });
        Assert.DoesNotContain(application.AuditLog.Entries, entry => entry.Text.Contains(token[^40..], StringComparison.Ordinal));
    }

    private static async Task AssertNotAllowed(Task<ApiResponse> call) =>
        (await call).AssertProblemCode(403, "EVENT_WRITER_TOKEN_NOT_ALLOWED");

    private async Task<Run> Stored(string run) => (await application.Store.Find(RunIds.ForRun("dev", run), default))!;
}
