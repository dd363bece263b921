namespace Runs.ContractGenerator;

/// <summary>The messages that this service and other services exchange.</summary>
internal static class ContractMessages
{
    /// <summary>Every message, in the order of the AsyncAPI document.</summary>
    public static IReadOnlyList<ContractMessage> All { get; } =
    [
        .. MessageTypes.Commands.Select(type => new ContractMessage(type, MessageKind.Command)),
        .. MessageTypes.Events.Select(type => new ContractMessage(type, MessageKind.Event)),
        .. MessageTypes.Replies.Select(type => new ContractMessage(type, MessageKind.Reply)),
    ];

    /// <summary>The messages of one kind.</summary>
    public static IEnumerable<ContractMessage> OfKind(MessageKind kind) => All.Where(message => message.Kind == kind);

    /// <summary>The message of that name.</summary>
    public static ContractMessage Get(string name) => All.Single(message => message.Name == name);
}
