using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Runs.Store;

namespace Runs.Tests.Stores;

/// <summary>How a process detects that its store became unavailable or available.</summary>
public sealed class StoreAvailabilityTests : IAsyncLifetime, IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly StoreAvailability _availability = new();
    private readonly InterceptedStore _store = InterceptedStore.Wrap(null);
    private readonly FakeLogger<StoreMonitor> _log = new();
    private readonly StoreMonitor _probe;

    public StoreAvailabilityTests() => _probe = new StoreMonitor(_store.Store, _availability, _clock, _log);

    public Task InitializeAsync() => _probe.StartAsync(default);

    public Task DisposeAsync() => _probe.StopAsync(default);

    public void Dispose() => _probe.Dispose();

    [Fact]
    public async Task A_failed_call_makes_the_store_unavailable_only_when_the_ping_fails_too()
    {
        await Eventually.Holds(() => Task.FromResult(_store.Calls == 1));
        _availability.ReportFailure(new TimeoutException());
        await Eventually.Holds(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(0.2));
            return Task.FromResult(_store.Calls >= 2);
        });
        Assert.True(_availability.IsAvailable);

        _store.Failure = new StoreUnavailableException("Away.", null);
        await Eventually.Holds(() =>
        {
            _availability.ReportFailure(new TimeoutException());
            _clock.Advance(TimeSpan.FromSeconds(0.2));
            return Task.FromResult(!_availability.IsAvailable);
        });

        Assert.Same(_store.Failure, await GetLoggedFailure());
    }

    [Fact]
    public async Task A_failed_call_of_an_available_store_is_logged_with_its_exception()
    {
        var exception = new TimeoutException("One call.");
        await Eventually.Holds(() => Task.FromResult(_store.Calls == 1));

        _availability.ReportFailure(exception);
        await Eventually.Holds(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(0.2));
            return Task.FromResult(_log.Collector.Count > 0);
        });

        Assert.Equal((LogLevel.Warning, exception), (_log.LatestRecord.Level, _log.LatestRecord.Exception));
    }

    [Fact]
    public async Task Failed_calls_are_logged_once_a_minute()
    {
        var start = _clock.GetTimestamp();
        await Eventually.Holds(() =>
        {
            _availability.ReportFailure(new TimeoutException());
            _clock.Advance(TimeSpan.FromSeconds(0.2));
            return Task.FromResult(_log.Collector.Count == 2);
        });

        Assert.True(_clock.GetElapsedTime(start) >= TimeSpan.FromMinutes(1), $"{_clock.GetElapsedTime(start)}");
    }

    [Fact]
    public async Task Waiting_callers_continue_within_a_second_after_recovery()
    {
        await WaitUntilUnavailable();
        var waiting = _availability.WaitUntilAvailable(default);
        Assert.False(waiting.IsCompleted);

        _store.Failure = null;
        await Eventually.Holds(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(waiting.IsCompletedSuccessfully);
        });

        Assert.True(_availability.IsAvailable);
    }

    [Fact]
    public async Task A_hanging_store_becomes_unavailable_without_calls()
    {
        _store.HoldsCalls = true;

        await Eventually.Holds(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(5));
            return Task.FromResult(!_availability.IsAvailable);
        });

        Assert.IsType<TimeoutException>(await GetLoggedFailure());
    }

    // The failure is logged just after the store became unavailable.
    private async Task<Exception?> GetLoggedFailure()
    {
        await Eventually.Holds(() => Task.FromResult(FindErrors().Any()));
        return FindErrors().First().Exception;

        IEnumerable<FakeLogRecord> FindErrors() => _log.Collector.GetSnapshot().Where(record => record.Level == LogLevel.Error);
    }

    private Task WaitUntilUnavailable()
    {
        _store.Failure = new StoreUnavailableException("Away.", null);
        return Eventually.Holds(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(5));
            return Task.FromResult(!_availability.IsAvailable);
        });
    }
}
