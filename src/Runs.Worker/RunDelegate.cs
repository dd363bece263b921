namespace Runs.Worker;

/// <summary>The rest of an attempt, for middleware: further middleware, and the handler.</summary>
/// <param name="run">The run.</param>
/// <param name="stop">Cancelled when the attempt must stop; <see cref="RunContext.StopReason"/> says why.</param>
public delegate Task<RunResult> RunDelegate(RunContext run, CancellationToken stop);
