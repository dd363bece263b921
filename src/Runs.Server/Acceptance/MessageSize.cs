using MassTransit;
using Runs.Contracts;

namespace Runs.Server.Acceptance;

/// <summary>
/// Checks the size of what is sent before the broker does, which would close the channel and with it everything else that is under way on it. JSON escapes some text: a message
/// may be several times as large as what a caller sent.
/// </summary>
internal static class MessageSize
{
    /// <summary>Serializes <paramref name="message"/>. An answer that is too large is serialized without its large members: its command was carried out.</summary>
    /// <returns>The body, which keeps its bytes for the transport.</returns>
    /// <exception cref="MessageTooLargeException">The broker would not take it.</exception>
    public static MessageBody Serialize(object message, Func<object, MessageBody> serialize)
    {
        var body = serialize(message);
        return body.GetBytes().Length is var length && length <= MessageTooLargeException.MaxBytes ? body
            : message is RunSnapshot { Omitted: null } answer ? Serialize(LargeMembers.Omit(answer), serialize)
            : throw new MessageTooLargeException(length);
    }
}
