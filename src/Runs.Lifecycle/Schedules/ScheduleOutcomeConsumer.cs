using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Updates the health and the last outcomes of a schedule when one of its runs has ended. What is stored decides, not
/// the message: it may be lost, repeated, late or forged. After a lost one, the next fire reads the
/// ended runs if no other outcome was stored (<see cref="ScheduleProcessor"/>).
/// </summary>
internal sealed class ScheduleOutcomeConsumer(IRunStore runs, IScheduleStore schedules, TimeProvider clock) : IConsumer<RunFinished>
{
    /// <summary>The queue of the messages. The processes of the role share it.</summary>
    public const string QueueName = "runs-schedules";

    /// <summary>The number of messages that one process handles at a time.</summary>
    public const int MaxConcurrentMessages = 16;

    private const int MaxConflicts = 10;

    public async Task Consume(ConsumeContext<RunFinished> context)
    {
        var message = context.Message;
        if (message is { Status: not RunStatuses.Cancelled, Tenant: not null, RunId: not null }
            && Guid.TryParse(message.ScheduleId, out var scheduleId))
        {
            await Update(message.Tenant, scheduleId, RunIds.ForRun(message.Tenant, message.RunId), context.CancellationToken);
        }
    }

    private async Task Update(string tenant, Guid scheduleId, Guid runId, CancellationToken cancellationToken)
    {
        if (await runs.FindWithoutPayload(runId, cancellationToken) is not { } run
            || run.Status is not (RunStatuses.Completed or RunStatuses.Failed)
            || run.ScheduleId != scheduleId.ToString())
        {
            return;
        }

        var ended = new EndedScheduleRun(run.RunId, run.Status, run.CreatedAt, run.CompletedAt, run.Error);
        for (var attempt = 0; attempt < MaxConflicts; attempt++)
        {
            // The schedule first: a later change by another process fails the replace, and the runs are read again.
            if (await schedules.Find(scheduleId, cancellationToken) is not { } schedule || schedule.Tenant != tenant)
            {
                return;
            }

            var newest = await schedules.ListEndedRuns(schedule, ScheduleHealth.DecisiveRuns, cancellationToken);
            var changed = schedule.WithHealth(newest, ended);
            if (ReferenceEquals(changed, schedule)
                || await schedules.TryReplace(changed.NextVersion(schedule.DueAt ?? clock.GetUtcNow()), cancellationToken))
            {
                return;
            }
        }
    }
}
