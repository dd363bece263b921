using System.Diagnostics.CodeAnalysis;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>
/// The half of all ready runs that this process claims first while other processes claim from the same pools. Two
/// processes that prefer different halves rarely claim the same run. Each chooses at random, and again when it meets
/// another one in its half. The choice outlives the claims that caused it. Not thread-safe.
/// </summary>
/// <param name="clock">The time.</param>
[SuppressMessage("Security", "CA5394", Justification = "The random choice keeps processes apart; it protects nothing.")]
internal sealed class PreferredHalf(TimeProvider clock)
{
    // At first, claims that were sent before a choice are rejected.
    private static readonly TimeSpan MinChoiceInterval = TimeSpan.FromMilliseconds(250);

    private int _half = Random.Shared.Next(2);
    private long? _chosenAt;

    /// <summary>Whether the candidate is in the half.</summary>
    public bool Contains(ClaimCandidate candidate) => GetHalf(candidate) == _half;

    /// <summary>Chooses again after another process has claimed a candidate of the half first.</summary>
    /// <returns>Whether a choice was made; it may be the same half.</returns>
    public bool ChooseAfterRejection(ClaimCandidate rejected)
    {
        if (!Contains(rejected) || (_chosenAt is { } at && clock.GetElapsedTime(at) < MinChoiceInterval))
        {
            return false;
        }

        (_half, _chosenAt) = (Random.Shared.Next(2), clock.GetTimestamp());
        return true;
    }

    // The same in all processes.
    private static int GetHalf(ClaimCandidate candidate) =>
        (candidate.RunId[^1] ^ (int)candidate.Rank.ToUnixTimeMilliseconds()) & 1;
}
