namespace Runs.Validation;

/// <summary>A message is permanently invalid; a retry cannot succeed.</summary>
internal sealed class InvalidMessageException(string message) : Exception(message);
