namespace Runs.ContractGenerator;

/// <summary>The messages that this service and other services exchange.</summary>
internal static class ContractMessages
{
    /// <summary>Every message, in the order of the AsyncAPI document.</summary>
    public static IReadOnlyList<ContractMessage> All { get; } =
    [
        new(typeof(CreateRun), MessageKind.Command),
        new(typeof(StartRun), MessageKind.Command),
        new(typeof(WaitRun), MessageKind.Command),
        new(typeof(ResumeRun), MessageKind.Command),
        new(typeof(CompleteRun), MessageKind.Command),
        new(typeof(CancelRun), MessageKind.Command),
        new(typeof(RunReserved), MessageKind.Event),
        new(typeof(RunAccepted), MessageKind.Event),
        new(typeof(RunStarted), MessageKind.Event),
        new(typeof(RunWaiting), MessageKind.Event),
        new(typeof(RunResumed), MessageKind.Event),
        new(typeof(RunFinished), MessageKind.Event),
        new(typeof(RunSnapshot), MessageKind.Reply),
        new(typeof(RunRejected), MessageKind.Reply),
    ];

    /// <summary>The messages of one kind.</summary>
    public static IEnumerable<ContractMessage> OfKind(MessageKind kind) => All.Where(message => message.Kind == kind);

    /// <summary>The message of that name.</summary>
    public static ContractMessage Get(string name) => All.Single(message => message.Name == name);
}
