using Runs.Contracts;

namespace Runs.Lifecycle;

/// <summary>
/// Rejects invalid messages of any sender. The API validates its own requests. A rejected message of another publisher
/// goes to the error queue with the cause, and the publisher receives a fault if it requested a reply.
/// </summary>
internal static class CommandValidation
{
    /// <summary>Throws if the message is not valid.</summary>
    /// <returns>The parsed request of a create; null for any other command.</returns>
    /// <exception cref="InvalidMessageException">The message can never be handled. It is not retried.</exception>
    public static RunRequest? Validate(object message)
    {
        RunRequest? request = null;
        var errors = message switch
        {
            CreateRun create => CreateRunValidator.Validate(create, out request),
            StartRun start => CommandValidator.Validate(start),
            ClaimRun claim => CommandValidator.Validate(claim),
            ReleaseRun release => CommandValidator.Validate(release),
            WaitRun wait => CommandValidator.Validate(wait),
            ResumeRun resume => CommandValidator.Validate(resume),
            CompleteRun complete => CommandValidator.Validate(complete),
            CancelRun cancel => CommandValidator.Validate(cancel),
            RenewLease renewal => CommandValidator.Validate(renewal),
            _ => [],
        };

        if (errors.Count > 0)
        {
            var causes = string.Join(" ", errors.Select(error => $"{error.Pointer} {error.Detail}"));
            throw new InvalidMessageException($"{message.GetType().Name}: {causes}");
        }

        return request;
    }
}
