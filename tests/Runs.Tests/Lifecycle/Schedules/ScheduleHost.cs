using Microsoft.Extensions.Logging.Abstractions;
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
    private readonly IScheduleStore _schedules;
    private readonly TimeProvider _clock;
    private readonly InternalCommands _commands;
    private readonly ScheduleProcessor _processor;

    public ScheduleHost(ScheduleDatabase database, TimeProvider clock, Func<bool>? isKilled = null)
    {
        var isKilledOrNot = isKilled ?? (() => false);
        (_schedules, _clock) = (CrashingProxy.Wrap(database.Schedules, isKilledOrNot), clock);
        var mediators = new RunSagaMediatorFactory(
            CrashingProxy.Wrap(database.Runs, isKilledOrNot),
            new CascadeQueue(),
            clock,
            Options.Create(new LifecycleOptions()),
            Options.Create(new ExecutionOptions()),
            new PublisherAudit(NullLoggerFactory.Instance, clock),
            new RunMetrics(_meters, clock),
            NullLogger<RunStateMachine>.Instance);
        _commands = new InternalCommands(mediators, this);
        _processor = new ScheduleProcessor(
            _schedules, _commands, new ScheduleMetrics(_meters), clock, NullLogger<ScheduleProcessor>.Instance);
    }

    /// <summary>The number of times that the host was killed.</summary>
    public int Kills { get; private set; }

    /// <summary>Carries out the due schedules once.</summary>
    public async Task Poll()
    {
        foreach (var schedule in await ListDue())
        {
            try
            {
                await _processor.Process(schedule, default);
            }
            catch (Exception exception) when (IsKill(exception))
            {
                Kills++;
            }
        }
    }

    /// <summary>Carries out a schedule as it was read.</summary>
    public Task Process(Schedule schedule) => _processor.Process(schedule, default);

    /// <summary>Polls until no schedule is due, as a host does in the intervals that follow.</summary>
    public async Task PollUntilIdle()
    {
        while ((await ListDue()).Count > 0)
        {
            await Poll();
        }
    }

    public void Enqueue(Run run)
    {
    }

    public ValueTask DisposeAsync() => _commands.DisposeAsync();

    // The mediator returns an exception of its consumer as a fault.
    private static bool IsKill(Exception exception) =>
        exception is SimulatedCrashException or MassTransit.RequestFaultException
        || (exception.InnerException is { } inner && IsKill(inner));

    private async Task<IReadOnlyList<Schedule>> ListDue()
    {
        try
        {
            return await _schedules.ListDue(_clock.GetUtcNow(), null, 500, default);
        }
        catch (SimulatedCrashException)
        {
            Kills++;
            return await ListDue();
        }
    }
}
