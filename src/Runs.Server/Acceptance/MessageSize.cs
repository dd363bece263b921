using MassTransit;
using Runs.Contracts;

namespace Runs.Server.Acceptance;

/// <summary>
/// Checks the size of what is sent before the broker does, which would close the channel and with it everything else that is under way on it. JSON escapes some text: a message
/// may be several times as large as what a caller sent.
/// </summary>
internal static class MessageSize
{
    /// <returns><paramref name="body"/>, which keeps its bytes for the transport.</returns>
    /// <exception cref="MessageTooLargeException">The broker would not take it.</exception>
    public static MessageBody Checked(MessageBody body) =>
        body.GetBytes().Length is var length && length > MessageTooLargeException.MaxBytes ? throw new MessageTooLargeException(length) : body;
}
