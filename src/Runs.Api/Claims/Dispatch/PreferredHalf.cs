using System.Diagnostics.CodeAnalysis;
using Runs.Store;

namespace Runs.Api.Claims;

/// <summary>
/// The half of all ready runs that this process claims first while other processes claim from the same pools. Two
/// processes that prefer different halves rarely claim the same run. Each chooses at random, and again after a
/// rejection in its half. The choice outlives the queues, which are removed with their last claim. Not thread-safe.
/// </summary>
/// <param name="clock">The time.</param>
/// <param name="random">Makes the choices.</param>
[SuppressMessage("Security", "CA5394", Justification = "The random choice keeps processes apart; it protects nothing.")]
internal sealed class PreferredHalf(TimeProvider clock, Random random)
{
    // Claims that were sent before a choice may be rejected after it. They must not cause the next one.
    private static readonly TimeSpan MinChoiceInterval = TimeSpan.FromMilliseconds(250);

    private int _half = random.Next(2);
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

        (_half, _chosenAt) = (random.Next(2), clock.GetTimestamp());
        return true;
    }

    // Depends on the candidate only, so all processes divide the runs in the same way.
    private static int GetHalf(ClaimCandidate candidate) =>
        (candidate.RunId[^1] ^ (int)candidate.Rank.ToUnixTimeMilliseconds()) & 1;
}
