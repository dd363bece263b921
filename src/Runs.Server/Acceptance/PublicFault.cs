using System.Text.Json.Serialization;
using MassTransit;
using Runs.Lifecycle;

namespace Runs.Server.Acceptance;

/// <summary>
/// What a sender is told of a command that was not carried out: the cause, where the command is the cause, and nothing of the host, the process, the code or the store.
/// </summary>
internal static class PublicFault
{
    /// <summary>What is said of every failure that is not the message's own.</summary>
    public const string Internal = "The command could not be handled. The service's log has the cause.";

    /// <summary>The fault that a MassTransit client understands, in the envelope.</summary>
    public static object Of(Fault fault) => new
    {
        fault.FaultId,
        fault.FaultedMessageId,
        fault.Timestamp,
        Exceptions = fault.Exceptions.Select(exception => new { exception.ExceptionType, Message = CauseOf(exception) }),
        fault.FaultMessageTypes,
        Message = (fault as Fault<object>)?.Message,
    };

    /// <summary>The fault that a plain AMQP client gets.</summary>
    public static object PlainOf(Fault fault) => new PlainFault(string.Join(" ", fault.Exceptions.Select(CauseOf)));

    /// <summary>What senders may know of <paramref name="exception"/>.</summary>
    public static string CauseOf(Exception exception) => exception is InvalidMessageException ? exception.Message : Internal;

    private static string CauseOf(ExceptionInfo exception) =>
        exception.ExceptionType == Rejection ? exception.Message
        : exception.InnerException is { } inner ? CauseOf(inner)
        : Internal;

    private static readonly string Rejection = TypeCache.GetShortName(typeof(InvalidMessageException));

    private sealed record PlainFault([property: JsonPropertyName("detail")] string Detail);
}
