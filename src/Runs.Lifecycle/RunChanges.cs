using System.Diagnostics;
using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Makes the entry of a run's record of changes that a message causes.</summary>
internal static class RunChanges
{
    /// <summary>The command came from the HTTP API, which checked the credential that <see cref="RunChange.Actor"/> describes.</summary>
    public const string Http = "http";

    /// <summary>The command came from a publisher. Its actor is what the publisher claims.</summary>
    public const string Broker = "broker";

    /// <summary>The service itself: a timer, or the cancellation of the tree above the run.</summary>
    public const string System = "system";

    private static readonly Actor Self = new() { Type = ActorTypes.System };

    /// <summary>The change from <paramref name="from"/> to <paramref name="to"/> that the message of <paramref name="context"/> causes.</summary>
    public static RunChange Create(ConsumeContext context, object message, RunState state, string? from, string to)
    {
        var (action, actor, trace) = Describe(message);
        return message is RunDue || state.IsCascade
            ? new RunChange(state.Now, action, Self, System, from, to, state.MessageId, null)
            : new RunChange(state.Now, action, actor, IsFromApi(context.ReceiveContext) ? Http : Broker, from, to, state.MessageId, trace);
    }

    /// <summary>What a message does, and who sent it, as far as it says so.</summary>
    public static (string Action, Actor? Actor, string? TraceId) Describe(object message)
    {
        var (actor, trace) = message switch
        {
            CreateRun command => (command.Actor, command.TraceId),
            StartRun command => (command.Actor, command.TraceId),
            WaitRun command => (command.Actor, command.TraceId),
            ResumeRun command => (command.Actor, command.TraceId),
            CompleteRun command => (command.Actor, command.TraceId),
            CancelRun command => (command.Actor, command.TraceId),
            _ => ((Actor?)null, (string?)null),
        };
        return (ActionOf(message.GetType()), actor, trace);
    }

    /// <summary>What a message of this type does, in one word.</summary>
    public static string ActionOf(Type message) => message.Name switch
    {
        nameof(CreateRun) => "create",
        nameof(StartRun) => "start",
        nameof(WaitRun) => "wait",
        nameof(ResumeRun) => "resume",
        nameof(CompleteRun) => "complete",
        nameof(CancelRun) => "cancel",
        nameof(RunDue) => "due",
        _ => throw new UnreachableException($"{message} is not a command of the machine."),
    };

    /// <summary>
    /// Whether a command came from the HTTP API. Its queue alone does not tell: a publisher can reach that through the default exchange, and such a message is marked as
    /// <see cref="PublisherCommand"/>.
    /// </summary>
    public static bool IsFromApi(ReceiveContext received) =>
        received.InputAddress.AbsolutePath.EndsWith($"/{RequestLane.Queue}", StringComparison.Ordinal)
        && !received.HasPayloadType(typeof(PublisherCommand));
}

/// <summary>Marks a received command that the API did not send, whichever queue it was delivered from.</summary>
internal sealed class PublisherCommand;
