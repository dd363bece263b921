using Runs.Contracts;

namespace Runs.Lifecycle;

/// <summary>
/// Refuses messages that cannot be right, whoever sent them. The API has checked its own; other publishers find theirs in the error queue with the
/// cause, and a fault if they asked for a reply.
/// </summary>
internal static class MessageRules
{
    /// <summary>What other services may send.</summary>
    public static IReadOnlyList<Type> Commands { get; } =
        [typeof(CreateRun), typeof(StartRun), typeof(WaitRun), typeof(ResumeRun), typeof(CompleteRun), typeof(CancelRun)];

    /// <summary>What the service sends to itself. It is a hint to look at the run again: from anybody else it does no harm.</summary>
    public static IReadOnlyList<Type> Internal { get; } = [typeof(RunDue)];

    /// <summary>Throws unless the message is well formed.</summary>
    /// <returns>What a create asks for; null for any other command.</returns>
    /// <exception cref="InvalidMessageException">The message can never be handled. It is not retried.</exception>
    public static RunRequest? Check(object message)
    {
        RunRequest? request = null;
        var errors = message switch
        {
            CreateRun create => CreateRunRules.Check(create, out request),
            StartRun start => CommandRules.Check(start),
            WaitRun wait => CommandRules.Check(wait),
            ResumeRun resume => CommandRules.Check(resume),
            CompleteRun complete => CommandRules.Check(complete),
            CancelRun cancel => CommandRules.Check(cancel),
            _ => [],
        };

        return errors.Count == 0
            ? request
            : throw new InvalidMessageException($"{message.GetType().Name}: {string.Join(" ", errors.Select(error => $"{error.Pointer} {error.Detail}"))}");
    }
}

/// <summary>A message that no number of attempts makes right.</summary>
internal sealed class InvalidMessageException(string message) : Exception(message);
