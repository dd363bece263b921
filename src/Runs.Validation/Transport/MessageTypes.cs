namespace Runs.Validation;

/// <summary>
/// The message types of <c>Runs.Contracts</c>, by purpose. The transport, the outbox and the generated descriptions use
/// these lists. <see cref="BatchJsonContext"/> repeats the commands and replies.
/// </summary>
internal static class MessageTypes
{
    /// <summary>The commands that the state machine handles.</summary>
    public static IReadOnlyList<Type> RunCommands { get; } =
    [
        typeof(CreateRun), typeof(StartRun), typeof(ClaimRun), typeof(ReleaseRun), typeof(WaitRun), typeof(ResumeRun),
        typeof(CompleteRun), typeof(CancelRun),
    ];

    /// <summary>The commands that other services may send. A renewal goes past the state machine.</summary>
    public static IReadOnlyList<Type> Commands { get; } = [.. RunCommands, typeof(RenewLease)];

    /// <summary>The events that the service publishes.</summary>
    public static IReadOnlyList<Type> Events { get; } =
    [
        typeof(RunReserved), typeof(RunAccepted), typeof(RunReady), typeof(RunStarted), typeof(RunAttemptStarted),
        typeof(RunAttemptEnded), typeof(RunWaiting), typeof(RunResumed), typeof(RunFinished),
    ];

    /// <summary>The replies to commands.</summary>
    public static IReadOnlyList<Type> Replies { get; } = [typeof(RunSnapshot), typeof(RunRejected), typeof(LeaseRenewed)];
}
