namespace Runs.Worker;

/// <summary>An attempt to execute a run, with its config.</summary>
/// <typeparam name="TConfig">The type of the config.</typeparam>
public sealed class RunContext<TConfig> : RunContext
{
    internal RunContext(AttemptEnvironment environment, TConfig config)
        : base(environment) => Config = config;

    /// <summary>
    /// The config of a task or eval, or the input of a workflow or agent. An absent one is read as an empty object.
    /// </summary>
    public TConfig Config { get; }
}
