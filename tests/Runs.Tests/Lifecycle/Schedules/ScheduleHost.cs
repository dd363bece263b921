using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// What a process of the lifecycle role does with schedules, one poll at a time. It may be killed before any call of
/// the store.
/// </summary>
internal sealed class ScheduleHost : IOutboxDispatcher, IAsyncDisposable
{
    private readonly TestMeterFactory _meters = new();
    private readonly FakeLogger<ScheduleProcessor> _log = new();
    private readonly InternalCommands _commands;
    private readonly ScheduleProcessor _processor;
    private volatile bool _isKilled;

    public ScheduleHost(ScheduleDatabase database, TimeProvider clock, Func<bool>? isKilled = null, IRunStore? runs = null)
    {
        // A killed process makes no further call until it is started again.
        bool IsKilled() => _isKilled = _isKilled || isKilled?.Invoke() == true;
        var mediators = new RunSagaMediatorFactory(
            CrashingProxy.Wrap(runs ?? database.Runs, IsKilled),
            new CascadeQueue(),
            clock,
            Options.Create(new LifecycleOptions()),
            Options.Create(new ExecutionOptions()),
            new PublisherAudit(NullLoggerFactory.Instance, clock),
            new RunMetrics(_meters, clock),
            NullLogger<RunStateMachine>.Instance);
        _commands = new InternalCommands(mediators, this);
        _processor = new ScheduleProcessor(
            CrashingProxy.Wrap(database.Schedules, IsKilled), _commands, new ScheduleMetrics(_meters), clock, _log);
    }

    /// <summary>The number of times that the host was killed.</summary>
    public int Kills { get; private set; }

    /// <summary>What was logged.</summary>
    public FakeLogCollector Log => _log.Collector;

    /// <summary>Carries out one round. A process that is killed in it is started again after it.</summary>
    /// <returns>Whether more schedules may be due.</returns>
    public async Task<bool> Poll()
    {
        try
        {
            return await _processor.ProcessRound(default);
        }
        catch (SimulatedCrashException)
        {
            return true;
        }
        finally
        {
            Kills += _isKilled ? 1 : 0;
            _isKilled = false;
        }
    }

    /// <summary>Carries out a schedule as it was read.</summary>
    public Task Process(Schedule schedule) => _processor.Process([schedule], default);

    /// <summary>Polls until no schedule is due, as a host does in the intervals that follow.</summary>
    public async Task PollUntilIdle()
    {
        while (await Poll())
        {
        }
    }

    public void Enqueue(Run run)
    {
    }

    public ValueTask DisposeAsync() => _commands.DisposeAsync();
}
