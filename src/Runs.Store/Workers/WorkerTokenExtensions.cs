using System.Diagnostics.CodeAnalysis;

namespace Runs.Store;

/// <summary>
/// The changes of a worker's tokens. Each returns the next version of the worker; none is stored here.
/// </summary>
public static class WorkerTokenExtensions
{
    /// <summary>
    /// Adds a token. Expired tokens are removed, and above <see cref="WorkerToken.MaxPerWorker"/> the token that was
    /// used longest ago.
    /// </summary>
    public static Worker WithToken(this Worker worker, WorkerToken token, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(worker);
        var kept = worker.Tokens
            .Where(other => other.IsValidAt(now))
            .OrderByDescending(other => other.LastUsedAt)
            .Take(WorkerToken.MaxPerWorker - 1)
            .OrderBy(other => other.CreatedAt);
        return worker with { Tokens = [.. kept, token], Version = worker.Version + 1 };
    }

    /// <summary>
    /// Adds <paramref name="token"/> and lets the token with the hash <paramref name="usedSha256"/> expire after
    /// <see cref="WorkerToken.RotationOverlap"/>. False when this is not due, when the token is not valid, or when the
    /// worker has as many tokens as it may: the rotation of one process does not invalidate the token of another.
    /// </summary>
    public static bool TryRotate(
        this Worker worker, string usedSha256, WorkerToken token, DateTimeOffset now, [NotNullWhen(true)] out Worker? rotated)
    {
        ArgumentNullException.ThrowIfNull(worker);
        rotated = null;
        var valid = worker.Tokens.FindAll(other => other.IsValidAt(now));
        var index = valid.FindIndex(other => other.Sha256 == usedSha256);
        if (index < 0 || !valid[index].IsRotationDue(now) || valid.Count >= WorkerToken.MaxPerWorker)
        {
            return false;
        }

        var used = valid[index];
        var end = now + WorkerToken.RotationOverlap;
        valid[index] = used with
        {
            LastUsedAt = Later(used.LastUsedAt, now),
            ExpiresAt = used.ExpiresAt < end ? used.ExpiresAt : end,
            ReplacedAt = now,
        };
        rotated = worker with { Tokens = [.. valid, token], Version = worker.Version + 1 };
        return true;
    }

    /// <summary>
    /// Records a use of the token with the hash <paramref name="sha256"/>, which extends its validity unless it was
    /// replaced. False when the worker does not have the token, or when the use need not be recorded.
    /// </summary>
    public static bool TryRecordUse(this Worker worker, string sha256, DateTimeOffset time, [NotNullWhen(true)] out Worker? updated)
    {
        ArgumentNullException.ThrowIfNull(worker);
        updated = null;
        var index = worker.Tokens.FindIndex(token => token.Sha256 == sha256);
        if (index < 0 || worker.Tokens[index] is not { } used || !used.IsUseDue(time))
        {
            return false;
        }

        var tokens = worker.Tokens.ToList();
        tokens[index] = used with
        {
            LastUsedAt = time,
            ExpiresAt = used.ReplacedAt is null ? time + WorkerToken.Lifetime : used.ExpiresAt,
        };
        updated = worker with { Tokens = tokens, Version = worker.Version + 1 };
        return true;
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
