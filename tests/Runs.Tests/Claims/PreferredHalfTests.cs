using Microsoft.Extensions.Time.Testing;
using Runs.Api.Claims;
using Runs.Store;

namespace Runs.Tests.Claims;

/// <summary>The choice of the half that a process claims first.</summary>
public sealed class PreferredHalfTests
{
    private static readonly ClaimCandidate Even = new("run_0", DateTimeOffset.UnixEpoch);
    private static readonly ClaimCandidate Odd = new("run_1", DateTimeOffset.UnixEpoch);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Each_candidate_is_in_one_half_that_the_first_choice_selects()
    {
        Assert.Equal([true, false], Contains(Create(0)));
        Assert.Equal([false, true], Contains(Create(1)));
    }

    [Fact]
    public void A_rejection_in_the_other_half_makes_no_choice()
    {
        var half = Create(0, 1);

        Assert.False(half.ChooseAfterRejection(Odd));
        Assert.Equal([true, false], Contains(half));
    }

    [Fact]
    public void A_rejection_in_the_half_makes_a_choice_and_the_next_one_after_250_ms()
    {
        var half = Create(0, 1, 0);

        Assert.True(half.ChooseAfterRejection(Even));
        Assert.Equal([false, true], Contains(half));
        _clock.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(half.ChooseAfterRejection(Odd));
        Assert.Equal([false, true], Contains(half));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(half.ChooseAfterRejection(Odd));
        Assert.Equal([true, false], Contains(half));
    }

    private static bool[] Contains(PreferredHalf half) => [half.Contains(Even), half.Contains(Odd)];

    private PreferredHalf Create(params int[] choices) => new(_clock, new ScriptedRandom(choices));

    private sealed class ScriptedRandom(int[] choices) : Random
    {
        private readonly Queue<int> _choices = new(choices);

        public override int Next(int maxValue) => _choices.Dequeue();
    }
}
