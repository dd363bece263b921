using Runs.Api;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class StoredKeysOnTheEmbeddedDefault(EmbeddedStack stack) : StoredKeys<EmbeddedStack>(stack);

/// <summary>Keys that are made and revoked while a server runs.</summary>
public abstract class StoredKeys<TStack>(TStack stack) : IClassFixture<TStack>
    where TStack : Stack
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_key_of_the_store_opens_at_once_and_is_closed_soon_after_its_revocation()
    {
        var key = ApiKey.Create();
        _ = ApiKey.TryParse(key, out var prefix, out var secret);
        using var caller = stack.Caller(key);
        await Eventually.Holds(async () => (await caller.Read("/runs/any")).Status == 401);

        await stack.Keys.TryInsert(
            new ApiKeyRecord { Prefix = prefix, SecretSha256 = ApiKey.HashOf(secret), Tenant = "dev", Scopes = ["read"], ActorType = "system" }, default);
        await Eventually.Holds(async () => (await caller.Read("/runs/any")).Status == 404);

        Assert.True(await stack.Keys.End(prefix, TimeProvider.System.GetUtcNow(), default));
        await Eventually.Holds(async () => (await caller.Read("/runs/any")).Status == 401);
    }

    [Fact]
    public async Task A_key_is_valid_from_its_beginning_to_its_end()
    {
        using var later = await stack.CallerWith(notBefore: Now.AddHours(1));
        using var over = await stack.CallerWith(notAfter: Now.AddSeconds(-1));
        using var valid = await stack.CallerWith(notBefore: Now.AddHours(-1), notAfter: Now.AddHours(1));

        Assert.Equal((401, 401, 404), ((await later.Read("/runs/any")).Status, (await over.Read("/runs/any")).Status, (await valid.Read("/runs/any")).Status));
    }

    [Fact]
    public async Task A_new_key_of_the_store_opens_beside_a_flood_of_made_up_ones()
    {
        using var nobody = stack.Caller(credential: null);
        var flood = Enumerable.Range(0, 400).Select(async _ =>
        {
            using var call = new HttpRequestMessage(HttpMethod.Get, "/runs/any") { Headers = { { "X-API-Key", ApiKey.Create() } } };
            using var answer = await nobody.SendAsync(call);
            return (int)answer.StatusCode;
        }).ToList();

        using var caller = await stack.CallerWith();

        Assert.Equal(404, (await caller.Read("/runs/any")).Status);
        Assert.All(await Task.WhenAll(flood), status => Assert.Equal(401, status));
    }

    [Fact]
    public async Task A_tenant_may_have_several_keys_and_each_needs_its_own_secret()
    {
        using var one = await stack.CallerWith();
        using var other = await stack.CallerWith();
        using var mixed = stack.Caller($"{one.DefaultRequestHeaders.Authorization!.Parameter![..12]}{other.DefaultRequestHeaders.Authorization!.Parameter![12..]}");

        var run = (await one.Create(Calls.Task())).GetProperty("run").GetProperty("run_id").GetString();

        Assert.Equal(200, (await other.Read($"/runs/{run}")).Status);
        Assert.Equal(401, (await mixed.Read($"/runs/{run}")).Status);
    }
}
