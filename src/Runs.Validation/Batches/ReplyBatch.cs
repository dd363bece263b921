namespace Runs.Validation;

/// <summary>
/// Replies to commands of a <see cref="CommandBatch"/> that arrived in one message: all of them or some.
/// </summary>
internal sealed record ReplyBatch(IReadOnlyList<BatchItem> Replies);
