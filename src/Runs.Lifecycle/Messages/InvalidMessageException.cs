namespace Runs.Lifecycle;

/// <summary>A message is permanently invalid; a retry cannot succeed.</summary>
internal sealed class InvalidMessageException(string message) : Exception(message);
