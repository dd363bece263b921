using Runs.Contracts;

namespace Runs.Store;

/// <summary>
/// A message that the outbox dispatcher publishes at least once, or the request for a cascade, which is processed in
/// the service and not published.
/// </summary>
/// <param name="MessageId">The message id. It is the same each time the message is sent.</param>
/// <param name="Type">The simple name of the message's type.</param>
/// <param name="Body">The message as JSON.</param>
public sealed record OutboxMessage(Guid MessageId, string Type, RawJson Body) : StoredRecord
{
    /// <summary>
    /// The message object, if this process has just created it. It is not stored; deserializing <see cref="Body"/>
    /// gives the same message.
    /// </summary>
    internal object? Message { get; init; }
}
