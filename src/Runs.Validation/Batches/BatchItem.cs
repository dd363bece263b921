namespace Runs.Validation;

/// <summary>One command or reply that was read from a batch.</summary>
/// <param name="MessageId">The id of the command. Duplicates and redeliveries are recognized by it.</param>
/// <param name="Message">The command or reply; null if it cannot be read.</param>
/// <param name="Error">Why it cannot be read; null if it can.</param>
internal sealed record BatchItem(Guid MessageId, object? Message, string? Error = null)
{
    /// <summary>The encoded item, if its message cannot be read; otherwise empty.</summary>
    public ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>The span of the caller as <c>traceparent</c> (W3C Trace Context); null if it is not recorded.</summary>
    public string? TraceParent { get; init; }
}
