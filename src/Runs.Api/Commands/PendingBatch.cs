using MassTransit;

namespace Runs.Api.Commands;

/// <summary>A batch that was sent and whose callers wait. <see cref="CommandBatcher"/> guards its state.</summary>
internal sealed class PendingBatch(List<PendingCommand> commands)
{
    private int _abandonedCount;

    public Guid Id { get; } = NewId.NextGuid();

    public List<PendingCommand> Commands => commands;

    /// <summary>Whether it counts towards <see cref="CommandBatcher.MaxConcurrentBatches"/>.</summary>
    public bool OccupiesSlot { get; set; }

    /// <summary>Ends <see cref="OccupiesSlot"/> if no reply arrives.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>Counts a caller that left without a reply.</summary>
    /// <returns>Whether it was the last one.</returns>
    public bool CountAbandoned() => Interlocked.Increment(ref _abandonedCount) == commands.Count;
}
