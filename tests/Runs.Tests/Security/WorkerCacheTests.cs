using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Runs.Store;

namespace Runs.Tests.Security;

public sealed class WorkerCacheTests
{
    private static readonly Guid Id = RunIds.ForWorker("dev", "project", "kind", "key");

    private readonly FakeTimeProvider _clock = new();
    private readonly FakeWorkerStore _store = new();

    [Fact]
    public async Task A_worker_is_read_once_a_minute()
    {
        var cache = CreateCache();
        _store.Put(CreateWorker("a"));

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("a", (await cache.FindByToken(Id, "a"))!.Value.Token.Sha256);
        }

        Assert.Equal(1, _store.Reads);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(await cache.FindByToken(Id, "a"));
        Assert.Equal(2, _store.Reads);
    }

    [Fact]
    public async Task A_revocation_in_another_process_takes_effect_within_a_minute()
    {
        var cache = CreateCache();
        _store.Put(CreateWorker("a"));
        Assert.NotNull(await cache.FindByToken(Id, "a"));
        _store.Put(CreateWorker() with { RevokedAt = _clock.GetUtcNow() });

        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull(await cache.FindByToken(Id, "a"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await cache.FindByToken(Id, "a"));
    }

    [Fact]
    public async Task A_change_in_this_process_takes_effect_at_once()
    {
        var cache = CreateCache();
        _store.Put(CreateWorker("a"));
        Assert.NotNull(await cache.FindByToken(Id, "a"));
        _store.Put(CreateWorker("b"));

        cache.Remove(Id);

        Assert.Null(await cache.FindByToken(Id, "a"));
        Assert.NotNull(await cache.FindByToken(Id, "b"));
    }

    [Fact]
    public async Task A_token_that_another_process_has_created_is_found_within_a_second()
    {
        var cache = CreateCache();
        Assert.Null(await cache.FindByToken(Id, "b")); // also the absence of the worker is not cached longer
        _store.Put(CreateWorker("a"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await cache.FindByToken(Id, "a"));
        _store.Put(CreateWorker("a", "b"));

        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.NotNull(await cache.FindByToken(Id, "b"));
        Assert.NotNull(await cache.FindByToken(Id, "a"));
    }

    [Fact]
    public async Task Made_up_tokens_of_a_worker_cause_at_most_one_read_a_second()
    {
        var cache = CreateCache();
        _store.Put(CreateWorker("a"));
        Assert.NotNull(await cache.FindByToken(Id, "a"));
        _clock.Advance(TimeSpan.FromSeconds(2));

        for (var i = 0; i < 1_000; i++)
        {
            Assert.Null(await cache.FindByToken(Id, $"made up {i}"));
        }

        Assert.Equal(2, _store.Reads);
        Assert.NotNull(await cache.FindByToken(Id, "a"));
    }

    [Fact]
    public async Task A_token_is_found_only_while_it_is_valid_and_its_worker_is_not_revoked()
    {
        var cache = CreateCache();
        _store.Put(CreateWorker("a"));
        Assert.NotNull(await cache.FindByToken(Id, "a"));
        _clock.Advance(TimeSpan.FromDays(30));
        Assert.Null(await cache.FindByToken(Id, "a"));

        _store.Put(CreateWorker("b") with { RevokedAt = _clock.GetUtcNow() });
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await cache.FindByToken(Id, "b"));
    }

    private WorkerCache CreateCache() => new(new WorkerLookup(_store), Options.Create(new AuthOptions()), _clock);

    private Worker CreateWorker(params string[] hashes) => FakeWorkerStore.CreateWorker(Id, _clock.GetUtcNow(), hashes);
}
