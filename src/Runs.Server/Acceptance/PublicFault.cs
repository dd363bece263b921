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

    private const string InternalType = "Fault";
    private const int MaxCause = 1024;

    /// <summary>The fault that a MassTransit client understands, in the envelope.</summary>
    public static object Of(Fault fault) => new
    {
        fault.FaultId,
        fault.FaultedMessageId,
        fault.Timestamp,
        Exceptions = fault.Exceptions.Select(exception => new { ExceptionType = IsRejection(exception) ? Rejection : InternalType, Message = CauseOf(exception) }),
        fault.FaultMessageTypes,
        Message = (fault as Fault<object>)?.Message,
    };

    /// <summary>The fault that a plain AMQP client gets.</summary>
    public static object PlainOf(Fault fault) => new PlainFault(string.Join(" ", fault.Exceptions.Select(CauseOf)));

    /// <summary>What senders may know of <paramref name="exception"/>.</summary>
    public static string CauseOf(Exception exception) => exception is InvalidMessageException ? Shortened(exception.Message) : Internal;

    private static string CauseOf(ExceptionInfo exception) =>
        exception.ExceptionType == Rejection ? Shortened(exception.Message)
        : exception.InnerException is { } inner ? CauseOf(inner)
        : Internal;

    // A cause may quote the message.
    private static string Shortened(string cause) => cause.Length <= MaxCause ? cause : $"{cause[..MaxCause]}…";

    private static bool IsRejection(ExceptionInfo exception) =>
        exception.ExceptionType == Rejection || (exception.InnerException is { } inner && IsRejection(inner));

    private static readonly string Rejection = TypeCache.GetShortName(typeof(InvalidMessageException));

    private sealed record PlainFault([property: JsonPropertyName("detail")] string Detail);
}
