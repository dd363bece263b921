namespace Runs.Validation;

/// <summary>Commands of the API that arrived in one message. Each is handled as if it had arrived alone.</summary>
internal sealed record CommandBatch(IReadOnlyList<BatchItem> Commands);
