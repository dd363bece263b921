namespace Runs.Tests.Lifecycle;

/// <summary>The process that made a call is killed.</summary>
public sealed class SimulatedCrashException() : Exception("The process was killed.");
