using MassTransit;
using Microsoft.Extensions.Time.Testing;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>How long a command is held while the store is unavailable. Holding consumes no attempts.</summary>
public sealed class StoreRetryPolicyTests
{
    private static readonly StoreUnavailableException StoreUnavailable = new("Unavailable.", null);

    private readonly FakeTimeProvider _clock = new();
    private readonly StoreAvailability _availability = new();
    private readonly StoreRetryPolicy _policy;

    public StoreRetryPolicyTests() => _policy = new StoreRetryPolicy(_availability, _clock, TimeSpan.FromMinutes(10));

    [Fact]
    public async Task A_command_waits_for_the_store_without_calling_it()
    {
        _availability.SetUnavailable();
        var waiting = FirstRetry().PreRetry();

        _clock.Advance(TimeSpan.FromMinutes(9));
        await Task.Yield();
        Assert.False(waiting.IsCompleted);

        _availability.SetAvailable();
        await waiting.WaitAsync(Eventually.Timeout);
    }

    [Fact]
    public async Task A_command_held_longer_than_the_hold_time_is_returned_to_the_broker()
    {
        _availability.SetUnavailable();
        var waiting = FirstRetry().PreRetry();

        await Eventually.Holds(() =>
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            return Task.FromResult(waiting.IsFaulted);
        });

        Assert.Same(StoreUnavailable, (await Assert.ThrowsAsync<HoldTimeExceededException>(() => waiting)).InnerException);
    }

    [Fact]
    public async Task A_command_whose_hold_time_has_passed_is_returned_at_once_although_the_store_answers()
    {
        var retry = FirstRetry();
        _clock.Advance(TimeSpan.FromMinutes(10));

        await Assert.ThrowsAsync<HoldTimeExceededException>(() => retry.PreRetry().WaitAsync(Eventually.Timeout));
    }

    [Fact]
    public void A_command_is_not_retried_after_the_process_began_to_stop()
    {
        using var command = _policy.CreatePolicyContext<PipeContext>(new Context());
        Assert.True(command.CanRetry(StoreUnavailable, out var retry));

        command.Cancel();

        Assert.False(retry.CanRetry(StoreUnavailable, out _));
    }

    [Fact]
    public async Task Retries_are_limited_by_time_and_not_by_attempts()
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

            _clock.Advance(TimeSpan.FromSeconds(60)); // the duration of an attempt while the database hangs
            Assert.True(retry.CanRetry(StoreUnavailable, out retry));
            attempts++;
        }

        Assert.InRange(attempts, 5, 12);
        Assert.InRange(_clock.GetElapsedTime(since), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(12));
    }

    [Fact]
    public void Other_exceptions_are_not_retried()
    {
        Assert.False(_policy.CreatePolicyContext<PipeContext>(new Context()).CanRetry(new InvalidOperationException(), out _));
    }

    private RetryContext<PipeContext> FirstRetry()
    {
        Assert.True(_policy.CreatePolicyContext<PipeContext>(new Context()).CanRetry(StoreUnavailable, out var retry));
        return retry;
    }

    private sealed class Context : MassTransit.Middleware.BasePipeContext, PipeContext;
}
