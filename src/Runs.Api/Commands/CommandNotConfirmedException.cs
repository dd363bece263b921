namespace Runs.Api.Commands;

/// <summary>
/// The broker rejected or did not confirm a command, or a lifecycle process could not read its batch: most likely it is
/// not executed.
/// </summary>
internal sealed class CommandNotConfirmedException(Exception cause) : Exception("The command was not confirmed.", cause);
