namespace Runs.Client;

/// <summary>There is no run with this id, or the credential may not see it.</summary>
public sealed class RunNotFoundException(string detail) : RunsException(detail);
