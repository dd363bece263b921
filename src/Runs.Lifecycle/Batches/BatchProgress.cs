using System.Collections.Concurrent;

namespace Runs.Lifecycle;

/// <summary>The progress of a batch. All attempts of one delivery share it.</summary>
/// <param name="startedAt">The timestamp of the first attempt.</param>
internal sealed class BatchProgress(long startedAt)
{
    public long StartedAt => startedAt;

    /// <summary>The commands that are answered; a later attempt skips them.</summary>
    public HashSet<Guid> Replied { get; } = [];

    /// <summary>What follows the reply to each handled command that has not been answered.</summary>
    public ConcurrentDictionary<Guid, Action?> AfterReply { get; } = [];

    /// <summary>Runs what follows the reply to a command, once.</summary>
    public void RunAfterReply(Guid messageId)
    {
        if (AfterReply.TryRemove(messageId, out var action))
        {
            action?.Invoke();
        }
    }
}
