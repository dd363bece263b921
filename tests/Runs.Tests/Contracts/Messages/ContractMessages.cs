using MassTransit;
using Runs.Contracts;

namespace Runs.Tests.Contracts.Messages;

/// <summary>Which way a message goes.</summary>
internal enum MessageKind
{
    /// <summary>To the service, from whoever wants something done.</summary>
    Command,

    /// <summary>From the service, to whoever listens.</summary>
    Event,

    /// <summary>From the service, to the sender of a command who asked.</summary>
    Reply,
}

/// <summary>A message of the contract, and what it looks like.</summary>
internal sealed record ContractMessage(Type Type, MessageKind Kind, string Example)
{
    public string Name => Type.Name;

    public string Exchange => BusConfiguration.GetEntityName(Type);

    /// <summary>Beside the project of the contracts, and in its assembly.</summary>
    public string SchemaFile => $"schemas/{Exchange["runs.".Length..]}.json";

    /// <summary>What MassTransit knows the message by.</summary>
    public string Urn => MessageUrn.ForTypeString(Type);

    public override string ToString() => Name;
}

/// <summary>Every message that goes between this service and others.</summary>
internal static class ContractMessages
{
    public static IReadOnlyList<ContractMessage> All { get; } =
    [
        new(typeof(CreateRun), MessageKind.Command, MessageExamples.CreateRun),
        new(typeof(StartRun), MessageKind.Command, MessageExamples.StartRun),
        new(typeof(WaitRun), MessageKind.Command, MessageExamples.WaitRun),
        new(typeof(ResumeRun), MessageKind.Command, MessageExamples.ResumeRun),
        new(typeof(CompleteRun), MessageKind.Command, MessageExamples.CompleteRun),
        new(typeof(CancelRun), MessageKind.Command, MessageExamples.CancelRun),
        new(typeof(RunReserved), MessageKind.Event, MessageExamples.RunReserved),
        new(typeof(RunAccepted), MessageKind.Event, MessageExamples.RunAccepted),
        new(typeof(RunStarted), MessageKind.Event, MessageExamples.RunStarted),
        new(typeof(RunWaiting), MessageKind.Event, MessageExamples.RunWaiting),
        new(typeof(RunResumed), MessageKind.Event, MessageExamples.RunResumed),
        new(typeof(RunFinished), MessageKind.Event, MessageExamples.RunFinished),
        new(typeof(RunSnapshot), MessageKind.Reply, MessageExamples.RunSnapshot),
        new(typeof(RunRejected), MessageKind.Reply, MessageExamples.RunRejected),
    ];

    public static IEnumerable<ContractMessage> OfKind(MessageKind kind) => All.Where(message => message.Kind == kind);

    public static ContractMessage Get(string name) => All.Single(message => message.Name == name);
}
