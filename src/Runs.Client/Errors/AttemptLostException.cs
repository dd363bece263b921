namespace Runs.Client;

/// <summary>
/// The attempt that the call names has ended: its lease ended, or the run did. Nothing changed, and the worker must
/// stop.
/// </summary>
public sealed class AttemptLostException(string detail) : RunsException(detail);
