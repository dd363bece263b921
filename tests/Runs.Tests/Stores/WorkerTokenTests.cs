using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>The limits and lifetimes of a worker's tokens.</summary>
public sealed class WorkerTokenTests
{
    private static readonly DateTimeOffset Noon = TestRuns.Noon;

    [Fact]
    public void A_worker_keeps_16_tokens_and_the_17th_replaces_the_one_used_longest_ago()
    {
        var worker = Enumerable.Range(0, 16).Aggregate(
            CreateWorker(), (next, i) => next.WithToken(Token($"{i}", Noon.AddMinutes(i)), Noon));
        Assert.True(worker.TryRecordUse("0", Noon.AddHours(1), out worker!));

        worker = worker.WithToken(Token("16", Noon.AddHours(2)), Noon.AddHours(2));

        Assert.Equal(16, worker.Tokens.Count);
        Assert.DoesNotContain(worker.Tokens, token => token.Sha256 == "1");
        Assert.Contains(worker.Tokens, token => token.Sha256 == "0");
        Assert.Equal(19, worker.Version);
    }

    [Fact]
    public void Expired_tokens_are_removed_when_one_is_added()
    {
        var worker = CreateWorker(Token("old", Noon)).WithToken(Token("new", Noon.AddDays(30)), Noon.AddDays(30));

        Assert.Equal(["new"], worker.Tokens.Select(token => token.Sha256));
    }

    [Fact]
    public void A_token_is_valid_for_30_days_after_its_last_use()
    {
        var worker = CreateWorker(Token("t", Noon));
        Assert.True(worker.Tokens[0].IsValidAt(Noon.AddDays(30).AddMilliseconds(-1)));
        Assert.False(worker.Tokens[0].IsValidAt(Noon.AddDays(30)));

        Assert.True(worker.TryRecordUse("t", Noon.AddDays(29), out var used));

        Assert.Equal((Noon.AddDays(29), Noon.AddDays(59)), (used.Tokens[0].LastUsedAt, used.Tokens[0].ExpiresAt));
        Assert.False(used.TryRecordUse("unknown", Noon.AddDays(40), out _));
    }

    [Fact]
    public void The_first_use_is_recorded_and_then_one_in_ten_minutes()
    {
        Assert.True(CreateWorker(Token("t", Noon)).TryRecordUse("t", Noon.AddSeconds(1), out var used));

        Assert.False(used.Tokens[0].IsUseDue(Noon.AddMinutes(10)));
        Assert.False(used.Tokens[0].IsUseDue(Noon.AddHours(-1)));
        Assert.True(used.Tokens[0].IsUseDue(Noon.AddMinutes(10).AddSeconds(1)));
    }

    [Fact]
    public void A_token_older_than_12_hours_is_replaced_and_valid_for_another_hour()
    {
        var worker = CreateWorker(Token("old", Noon), Token("of a replica", Noon));
        var now = Noon.AddHours(12).AddSeconds(1);
        Assert.False(worker.TryRotate("old", Token("new", Noon), Noon.AddHours(12), out _));

        Assert.True(worker.TryRotate("old", Token("new", now), now, out var rotated));

        Assert.Equal(["old", "of a replica", "new"], rotated.Tokens.Select(token => token.Sha256));
        Assert.Equal([now.AddHours(1), Noon.AddDays(30), now.AddDays(30)], rotated.Tokens.Select(token => token.ExpiresAt));
        Assert.Equal(worker.Version + 1, rotated.Version);
    }

    [Fact]
    public void Neither_a_use_nor_another_replacement_extends_a_replaced_token()
    {
        var now = Noon.AddHours(13);
        Assert.True(CreateWorker(Token("old", Noon)).TryRotate("old", Token("new", now), now, out var rotated));

        Assert.False(rotated.TryRotate("old", Token("lost", now), now.AddMinutes(4), out _));
        Assert.True(rotated.TryRecordUse("old", now.AddMinutes(20), out rotated!));
        Assert.True(rotated.TryRotate("old", Token("again", now), now.AddMinutes(30), out rotated));

        Assert.Equal(now.AddHours(1), rotated.Tokens[0].ExpiresAt);
        Assert.False(rotated.TryRotate("old", Token("late", now), now.AddHours(1), out _));
    }

    [Fact]
    public void A_rotation_does_not_remove_the_tokens_of_other_processes()
    {
        var worker = CreateWorker([.. Enumerable.Range(0, 16).Select(i => Token($"{i}", Noon))]);

        Assert.False(worker.TryRotate("0", Token("new", Noon), Noon.AddDays(1), out _));
    }

    private static WorkerToken Token(string hash, DateTimeOffset createdAt) => WorkerToken.Create(hash, createdAt);

    private static Worker CreateWorker(params WorkerToken[] tokens) => new()
    {
        Id = default,
        Tenant = "dev",
        ProjectId = "project",
        ImplementationKind = "kind",
        WorkerKey = "key",
        Tokens = [.. tokens],
        CreatedAt = Noon,
        UpdatedAt = Noon,
        Version = 1,
    };
}
