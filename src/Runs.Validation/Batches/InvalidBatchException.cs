namespace Runs.Validation;

/// <summary>A batch as a whole cannot be read.</summary>
internal sealed class InvalidBatchException(string cause) : Exception($"The batch cannot be read: {cause}");
