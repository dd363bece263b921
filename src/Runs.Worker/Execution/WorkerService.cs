using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Runs.Client;
using Runs.Contracts;

namespace Runs.Worker;

/// <summary>
/// A worker: registers, then runs one claim loop and one heartbeat loop until the host stops. Then it claims no more,
/// lets the handlers finish for the grace period, stops them, and releases what still runs.
/// </summary>
internal sealed class WorkerService : IHostedService, IDisposable
{
    /// <summary>The time between the end of the grace period and the release of what still runs.</summary>
    public static readonly TimeSpan ReleaseDelay = TimeSpan.FromSeconds(5);

    private readonly RunsWorkerOptions _options;
    private readonly WorkerDefinition _definition;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly HeldAttempts _attempts = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly WorkerMetrics _metrics;
    private readonly WorkerConnection _connection;
    private readonly LeaseWatchdog _watchdog;
    private readonly AttemptRunner _runner;
    private readonly ClaimLoop _claims;
    private readonly HeartbeatLoop _heartbeats;
    private CancellationTokenRegistration _stoppingRegistration;
    private Task _loops = Task.CompletedTask;
    private Task _claiming = Task.CompletedTask;
    private Task? _drained;
    private bool _isDisposed;

    public WorkerService(
        WorkerDefinition definition,
        RunsClient client,
        IOptionsMonitor<RunsWorkerOptions> options,
        IServiceScopeFactory scopes,
        IHostApplicationLifetime lifetime,
        IMeterFactory meters,
        TimeProvider clock,
        ILogger<WorkerService> logger)
    {
        _definition = definition;
        _options = options.Get(definition.Name);
        _lifetime = lifetime;
        _clock = clock;
        _logger = logger;
        _metrics = new WorkerMetrics(meters, _options.WorkerKey, _options.MaxConcurrentRuns);
        Health = new WorkerHealth(definition.Name, _attempts, clock);
        _connection = new WorkerConnection(client, definition, _options, clock, logger);
        _watchdog = new LeaseWatchdog(definition.Name, _attempts, _metrics, logger);
        _runner = new AttemptRunner(definition, _connection, _attempts, client, _options, _metrics, scopes, clock, logger);
        _claims = new ClaimLoop(_connection, _options, _metrics, Health, clock, logger, StartAttempt);
        _heartbeats = new HeartbeatLoop(_connection, _attempts, _options, _metrics, Health, clock, logger);
    }

    public WorkerHealth Health { get; }

    public int RunningAttempts => _attempts.All.Count;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _watchdog.Start();
        // Workers of one host drain at the same time; the host stops its services one after the other.
        _stoppingRegistration = _lifetime.ApplicationStopping.Register(() => _drained ??= Drain());
        _loops = Task.Run(RunLoops, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _drained ??= Drain();
        await _drained.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        // The host disposes of it as a service and as a hosted service.
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _stoppingRegistration.Dispose();
        _stopping.Cancel();
        _ended.Cancel();
        _watchdog.Dispose();
        _metrics.Dispose();
        _connection.Dispose();
        _claims.Dispose();
        _stopping.Dispose();
        _ended.Dispose();
    }

    private async Task RunLoops()
    {
        try
        {
            await _connection.Register(_stopping.Token);
            _claiming = _claims.Run(_stopping.Token);
            // Heartbeats go on until the last attempt has ended.
            await Task.WhenAll(_claiming, _heartbeats.Run(_ended.Token));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The host stops before the worker has registered.
        }
        catch (Exception exception)
        {
            _logger.RegistrationRejected(exception);
            _lifetime.StopApplication();
        }
    }

    private void StartAttempt(Attempt attempt)
    {
        if (!_attempts.Add(attempt))
        {
            _claims.FreeSlot(); // the same claim, again
            return;
        }

        _ = Task.Run(() => RunAttempt(attempt), CancellationToken.None);
    }

    private async Task RunAttempt(Attempt attempt)
    {
        await _runner.Run(attempt, _stopping.Token);
        _attempts.Remove(attempt);
        _claims.FreeSlot();
    }

    private async Task Drain()
    {
        _logger.Draining(_attempts.All.Count);
        var graceEnds = Task.Delay(_options.ShutdownGrace, _clock);
        await _stopping.CancelAsync();
        await _claiming; // the last claim may begin attempts
        var empty = _attempts.WaitUntilEmpty();
        await Task.WhenAny(empty, graceEnds);
        foreach (var attempt in _attempts.All)
        {
            if (attempt.Stop(StopReason.Shutdown))
            {
                _logger.StoppedAttempt(attempt.RunId, attempt.Number, StopReason.Shutdown);
            }
        }

        await Task.WhenAny(empty, Task.Delay(ReleaseDelay, _clock));
        await Task.WhenAll(_attempts.All.Where(attempt => attempt.Reason == StopReason.Shutdown).Select(ReleaseRunning));
        await _ended.CancelAsync();
        await _loops;
    }

    private async Task ReleaseRunning(Attempt attempt)
    {
        _logger.ReleasedRunningAttempt(attempt.RunId, attempt.Number);
        try
        {
            await _connection.Release(attempt, ReleaseReasons.Shutdown, CancellationToken.None);
        }
        catch (RunsException exception)
        {
            _logger.ReportRejected(exception, attempt.RunId, attempt.Number);
        }
    }
}
