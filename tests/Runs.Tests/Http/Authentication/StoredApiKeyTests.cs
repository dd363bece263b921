using Runs.Store;

namespace Runs.Tests.Http;

public sealed class StoredApiKeyTests(EmbeddedApplication application) : StoredApiKeyTests<EmbeddedApplication>(application);

/// <summary>Keys that are created and revoked while a server runs.</summary>
public abstract class StoredApiKeyTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_stored_key_is_accepted_at_once_and_rejected_soon_after_its_revocation()
    {
        var key = ApiKey.Create();
        _ = ApiKey.TryParse(key, out var prefix, out var secret);
        using var caller = application.CreateClient(key);
        await Eventually.Holds(async () => (await caller.Get("/runs/any")).Status == 401);

        var record = new ApiKeyRecord
        {
            Prefix = prefix,
            SecretSha256 = ApiKey.ComputeHash(secret),
            Tenant = "dev",
            Scopes = ["read"],
            ActorType = "system",
        };
        await application.ApiKeyStore.TryInsert(record, default);
        await Eventually.Holds(async () => (await caller.Get("/runs/any")).Status == 404);

        Assert.True(await application.ApiKeyStore.ExpireAt(prefix, TimeProvider.System.GetUtcNow(), default));
        await Eventually.Holds(async () => (await caller.Get("/runs/any")).Status == 401);
    }

    [Fact]
    public async Task A_key_is_valid_between_not_before_and_not_after()
    {
        using var early = await application.CreateClientWithKey(notBefore: Now.AddHours(1));
        using var expired = await application.CreateClientWithKey(notAfter: Now.AddSeconds(-1));
        using var valid = await application.CreateClientWithKey(notBefore: Now.AddHours(-1), notAfter: Now.AddHours(1));

        Assert.Equal(401, (await early.Get("/runs/any")).Status);
        Assert.Equal(401, (await expired.Get("/runs/any")).Status);
        Assert.Equal(404, (await valid.Get("/runs/any")).Status);
    }

    [Fact]
    public async Task A_new_stored_key_is_accepted_during_a_flood_of_unknown_keys()
    {
        using var anonymous = application.CreateClient(credential: null);
        var flood = Enumerable.Range(0, 400).Select(async _ =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/runs/any") { Headers = { { "X-API-Key", ApiKey.Create() } } };
            using var response = await anonymous.SendAsync(request);
            return (int)response.StatusCode;
        }).ToList();

        using var caller = await application.CreateClientWithKey();

        Assert.Equal(404, (await caller.Get("/runs/any")).Status);
        Assert.All(await Task.WhenAll(flood), status => Assert.Equal(401, status));
    }

    [Fact]
    public async Task Each_key_of_a_tenant_requires_its_own_secret()
    {
        using var one = await application.CreateClientWithKey();
        using var other = await application.CreateClientWithKey();
        using var mixed = application.CreateClient($"{GetKey(one)[..12]}{GetKey(other)[12..]}");

        var run = await one.CreateTask();

        Assert.Equal(200, (await other.Get($"/runs/{run}")).Status);
        Assert.Equal(401, (await mixed.Get($"/runs/{run}")).Status);
    }

    private static string GetKey(HttpClient client) => client.DefaultRequestHeaders.Authorization!.Parameter!;
}
