using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Creates the entry that a message adds to the change history of a run.</summary>
internal static class RunChanges
{
    /// <summary>
    /// The command came from the HTTP API, which checked the credential that <see cref="RunChange.Actor"/> describes.
    /// </summary>
    public const string ViaHttp = "http";

    /// <summary>The command came from a publisher. Its actor is what the publisher claims.</summary>
    public const string ViaBroker = "broker";

    /// <summary>
    /// The change came from the service itself: a timer, a schedule, or the cancellation of a run above this
    /// one.
    /// </summary>
    public const string ViaSystem = "system";

    private static readonly Actor SystemActor = new() { Type = ActorTypes.System };

    /// <summary>
    /// Creates the change from <paramref name="from"/> to <paramref name="to"/> by the message of
    /// <paramref name="context"/>.
    /// </summary>
    public static RunChange Create(ConsumeContext context, object message, RunMessageContext messageContext, string? from, string to)
    {
        var (action, actor, trace) = Describe(message);
        var via = IsFromApi(context.ReceiveContext) ? ViaHttp : ViaBroker;
        if (message is RunDue || messageContext.IsCascaded)
        {
            (actor, via, trace) = (SystemActor, ViaSystem, null);
        }
        else if (messageContext.IsInternal)
        {
            via = ViaSystem; // the actor is the schedule
        }

        return new RunChange(messageContext.Now, action, actor, via, from, to, messageContext.MessageId ?? Guid.Empty, trace);
    }

    /// <summary>The action of a message, and its sender and trace id if the message contains them.</summary>
    public static (string Action, Actor? Actor, string? TraceId) Describe(object message)
    {
        var (actor, trace) = message switch
        {
            CreateRun command => (command.Actor, command.TraceId),
            StartRun command => (command.Actor, command.TraceId),
            ClaimRun command => (command.Actor, command.TraceId),
            ReleaseRun command => (command.Actor, command.TraceId),
            WaitRun command => (command.Actor, command.TraceId),
            ResumeRun command => (command.Actor, command.TraceId),
            CompleteRun command => (command.Actor, command.TraceId),
            CancelRun command => (command.Actor, command.TraceId),
            _ => ((Actor?)null, (string?)null),
        };
        return (RunActions.Get(message.GetType()), actor, trace);
    }

    /// <summary>
    /// Whether a command came from the HTTP API. The queue alone does not prove it: a publisher can reach the API's
    /// queue through the default exchange. Such a message is marked with <see cref="PublisherCommandMarker"/>.
    /// </summary>
    public static bool IsFromApi(ReceiveContext received) =>
        received.InputAddress.AbsolutePath.EndsWith($"/{ApiCommandQueue.Name}", StringComparison.Ordinal)
        && !received.HasPayloadType(typeof(PublisherCommandMarker));
}
