namespace Runs.Server.Inbound;

/// <summary>The known facts about a message while it is read.</summary>
internal sealed class MessageDescription
{
    /// <summary>The command type that the message has or declares; null if nothing declares one.</summary>
    public Type? Type { get; set; }

    /// <summary>The command; null until it was read.</summary>
    public object? Command { get; set; }

    /// <summary>Whether a publisher sent the message, not the API.</summary>
    public bool IsFromPublisher { get; init; }

    /// <summary>
    /// The broker user of the publisher, which the broker has validated; null if the message has none.
    /// </summary>
    public string? User { get; init; }

    /// <summary>The target of a rejection.</summary>
    public ReplyTarget Target { get; set; } = ReplyTarget.None;
}
