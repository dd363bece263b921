using MassTransit;
using Runs.Contracts;
using Bus = Runs.Server.Bus;

namespace Runs.Tests.Contracts.Messages;

/// <summary>Which way a message goes.</summary>
internal enum Way
{
    /// <summary>To the service, from whoever wants something done.</summary>
    Command,

    /// <summary>From the service, to whoever listens.</summary>
    Event,

    /// <summary>From the service, to the sender of a command who asked.</summary>
    Reply,
}

/// <summary>A message of the contract, and what it looks like.</summary>
internal sealed record ContractMessage(Type Type, Way Way, string Example)
{
    public string Name => Type.Name;

    public string Exchange => Bus.EntityNameOf(Type);

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
        new(typeof(CreateRun), Way.Command, MessageExamples.CreateRun),
        new(typeof(StartRun), Way.Command, MessageExamples.StartRun),
        new(typeof(WaitRun), Way.Command, MessageExamples.WaitRun),
        new(typeof(ResumeRun), Way.Command, MessageExamples.ResumeRun),
        new(typeof(CompleteRun), Way.Command, MessageExamples.CompleteRun),
        new(typeof(CancelRun), Way.Command, MessageExamples.CancelRun),
        new(typeof(RunReserved), Way.Event, MessageExamples.RunReserved),
        new(typeof(RunAccepted), Way.Event, MessageExamples.RunAccepted),
        new(typeof(RunStarted), Way.Event, MessageExamples.RunStarted),
        new(typeof(RunWaiting), Way.Event, MessageExamples.RunWaiting),
        new(typeof(RunResumed), Way.Event, MessageExamples.RunResumed),
        new(typeof(RunFinished), Way.Event, MessageExamples.RunFinished),
        new(typeof(RunSnapshot), Way.Reply, MessageExamples.RunSnapshot),
        new(typeof(RunRefused), Way.Reply, MessageExamples.RunRefused),
    ];

    public static IEnumerable<ContractMessage> Of(Way way) => All.Where(message => message.Way == way);

    public static ContractMessage Named(string name) => All.Single(message => message.Name == name);
}
