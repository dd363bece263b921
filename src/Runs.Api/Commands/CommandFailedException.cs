namespace Runs.Api.Commands;

/// <summary>The handling of a command failed. It is not known whether the command was executed.</summary>
internal sealed class CommandFailedException(string detail) : Exception(detail);
