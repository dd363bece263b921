using MassTransit;
using Runs.Contracts;

namespace Runs.Server.Inbound;

/// <summary>
/// Checks the size of outgoing messages before the broker does. The broker would close the channel, which fails
/// everything else in progress on it. JSON escapes some characters, so a message may be several times as large as the
/// caller's input.
/// </summary>
internal static class MessageSizeLimit
{
    /// <summary>
    /// Serializes <paramref name="message"/>. A reply that is too large is serialized without its large members,
    /// because its command was already executed.
    /// </summary>
    /// <returns>The body, which caches its bytes for the transport.</returns>
    /// <exception cref="MessageTooLargeException">The message exceeds the size limit.</exception>
    public static MessageBody SerializeWithinLimit(object message, Func<object, MessageBody> serialize)
    {
        var body = serialize(message);
        return body.GetBytes().Length is var length && length <= MessageTooLargeException.MaxBytes ? body
            : message is RunSnapshot { Omitted: null } snapshot ? SerializeWithinLimit(LargeMembers.Omit(snapshot), serialize)
            : throw new MessageTooLargeException(length);
    }
}
