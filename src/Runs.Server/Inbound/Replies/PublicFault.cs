using System.Text.Json.Serialization;
using MassTransit;

namespace Runs.Server.Inbound;

/// <summary>
/// Creates the faults that senders of failed commands receive. A fault contains the cause if the command itself is the
/// cause, and no details of the host, the process, the code or the store.
/// </summary>
internal static class PublicFault
{
    /// <summary>The public cause of every failure that the message did not cause.</summary>
    public const string InternalCause = "The command could not be handled. The service's log has the cause.";

    private const string InternalType = "Fault";
    private const int MaxCauseLength = 1024;

    private static readonly string InvalidMessageType = TypeCache.GetShortName(typeof(InvalidMessageException));

    /// <summary>Creates the fault for MassTransit clients, sent in the envelope.</summary>
    public static object FromFault(Fault fault) => new
    {
        fault.FaultId,
        fault.FaultedMessageId,
        fault.Timestamp,
        Exceptions = fault.Exceptions.Select(exception => new
        {
            ExceptionType = IsInvalidMessage(exception) ? InvalidMessageType : InternalType,
            Message = GetPublicCause(exception),
        }),
        fault.FaultMessageTypes,
        Message = (fault as Fault<object>)?.Message,
    };

    /// <summary>Creates the fault for plain AMQP clients.</summary>
    public static object CreateAmqpFault(Fault fault) => new AmqpFault(string.Join(" ", fault.Exceptions.Select(GetPublicCause)));

    /// <summary>The part of <paramref name="exception"/> that senders may see.</summary>
    public static string GetPublicCause(Exception exception) =>
        exception is InvalidMessageException ? Truncate(exception.Message) : InternalCause;

    private static string GetPublicCause(ExceptionInfo exception) =>
        exception.ExceptionType == InvalidMessageType ? Truncate(exception.Message)
        : exception.InnerException is { } inner ? GetPublicCause(inner)
        : InternalCause;

    // A cause may quote the message.
    private static string Truncate(string cause) => cause.Length <= MaxCauseLength ? cause : $"{cause[..MaxCauseLength]}…";

    private static bool IsInvalidMessage(ExceptionInfo exception) =>
        exception.ExceptionType == InvalidMessageType || (exception.InnerException is { } inner && IsInvalidMessage(inner));

    private sealed record AmqpFault([property: JsonPropertyName("detail")] string Detail);
}
