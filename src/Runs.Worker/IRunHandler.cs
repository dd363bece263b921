namespace Runs.Worker;

/// <summary>
/// Executes the runs of the targets that its <see cref="HandlesAttribute"/> names. Resolved from a separate scope for
/// each attempt.
/// </summary>
/// <typeparam name="TConfig">The config of a task or eval, or the input of a workflow or agent.</typeparam>
public interface IRunHandler<TConfig>
{
    /// <summary>Executes one attempt.</summary>
    /// <param name="run">The run.</param>
    /// <param name="stop">Cancelled when the attempt must stop; <see cref="RunContext.StopReason"/> says why.</param>
    /// <returns>
    /// The outcome. An exception is a failure that is retried within the run's <c>backoff_limit</c>.
    /// </returns>
    Task<RunResult> Handle(RunContext<TConfig> run, CancellationToken stop);
}
