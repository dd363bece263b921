namespace Runs.Validation;

/// <summary>A command or reply of a batch.</summary>
/// <param name="MessageId">The id of the command; its reply has the same.</param>
/// <param name="Message">The command or reply.</param>
internal sealed record BatchedMessage(Guid MessageId, object Message) : BatchItem(MessageId)
{
    /// <summary>The span of the caller as <c>traceparent</c> (W3C Trace Context); null if it is not recorded.</summary>
    public string? TraceParent { get; init; }
}
