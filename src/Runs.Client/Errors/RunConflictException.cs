namespace Runs.Client;

/// <summary>
/// The state of the run does not allow the call (409): <see cref="RunsException.Code"/> says why. Nothing changed.
/// </summary>
public sealed class RunConflictException(string detail) : RunsException(detail);
