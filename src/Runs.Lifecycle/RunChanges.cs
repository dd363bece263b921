using System.Diagnostics;
using MassTransit;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>Says of a message who changes the run with it, for the run's own record.</summary>
internal static class RunChanges
{
    private const string Http = "http";
    private const string Broker = "broker";
    private const string Internal = "system";

    private static readonly Actor Self = new() { Type = ActorTypes.System };

    /// <summary>The change that <paramref name="context"/>'s message makes.</summary>
    public static RunChange Of(ConsumeContext context, object message, RunState state, string? from, string to)
    {
        var (action, actor, trace) = message switch
        {
            CreateRun m => ("create", m.Actor, m.TraceId),
            StartRun m => ("start", m.Actor, m.TraceId),
            WaitRun m => ("wait", m.Actor, m.TraceId),
            ResumeRun m => ("resume", m.Actor, m.TraceId),
            CompleteRun m => ("complete", m.Actor, m.TraceId),
            CancelRun m => ("cancel", m.Actor, m.TraceId),
            RunDue => ("due", Self, null),
            _ => throw new UnreachableException($"{message.GetType()} is no command of the machine."),
        };
        return new RunChange(state.Now, action, actor, message is RunDue ? Internal : ViaOf(context), from, to, state.MessageId, trace);
    }

    // Only the API sends to the lane of requests: publishers may write to the exchanges of commands alone.
    private static string ViaOf(ConsumeContext context) =>
        context.ReceiveContext.InputAddress.AbsolutePath.EndsWith($"/{RequestLane.Queue}", StringComparison.Ordinal) ? Http : Broker;
}
