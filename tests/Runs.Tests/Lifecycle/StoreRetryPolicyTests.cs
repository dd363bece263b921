using MassTransit;
using Microsoft.Extensions.Time.Testing;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>How long a command is held for a store that is away, and that waiting costs no attempts.</summary>
public sealed class StoreRetryPolicyTests
{
    private static readonly StoreUnavailableException Away = new("Away.", null);

    private readonly FakeTimeProvider _clock = new();
    private readonly StoreAvailability _availability = new();
    private readonly StoreRetryPolicy _policy;

    public StoreRetryPolicyTests() => _policy = new StoreRetryPolicy(_availability, _clock, TimeSpan.FromMinutes(10));

    [Fact]
    public async Task A_command_waits_for_the_store_without_trying_it()
    {
        _availability.SetUnavailable(Away);
        var waiting = FirstRetry().PreRetry();

        _clock.Advance(TimeSpan.FromMinutes(9));
        await Task.Yield();
        Assert.False(waiting.IsCompleted);

        _availability.SetAvailable();
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_command_that_was_held_for_too_long_is_given_back()
    {
        _availability.SetUnavailable(Away);
        var waiting = FirstRetry().PreRetry();

        await Eventually.Holds(() =>
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            return Task.FromResult(waiting.IsFaulted);
        });

        Assert.Same(Away, (await Assert.ThrowsAsync<HeldTooLongException>(() => waiting)).InnerException);
    }

    [Fact]
    public async Task Time_counts_and_not_the_attempts()
    {
        var retry = FirstRetry();
        var attempts = 1;
        var since = _clock.GetTimestamp();
        while (true)
        {
            var wait = retry.PreRetry();
            await Eventually.Holds(() =>
            {
                _clock.Advance(TimeSpan.FromSeconds(0.5));
                return Task.FromResult(wait.IsCompleted);
            });
            if (!wait.IsCompletedSuccessfully)
            {
                break;
            }

            _clock.Advance(TimeSpan.FromSeconds(60)); // as an attempt takes where the database hangs
            Assert.True(retry.CanRetry(Away, out retry));
            attempts++;
        }

        Assert.InRange(attempts, 5, 12);
        Assert.InRange(_clock.GetElapsedTime(since), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(12));
    }

    [Fact]
    public void Other_failures_are_not_waited_for()
    {
        Assert.False(_policy.CreatePolicyContext<PipeContext>(new Context()).CanRetry(new InvalidOperationException(), out _));
    }

    private RetryContext<PipeContext> FirstRetry()
    {
        Assert.True(_policy.CreatePolicyContext<PipeContext>(new Context()).CanRetry(Away, out var retry));
        return retry;
    }

    private sealed class Context : MassTransit.Middleware.BasePipeContext, PipeContext;
}
