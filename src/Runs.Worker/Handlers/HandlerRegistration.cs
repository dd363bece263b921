namespace Runs.Worker;

/// <summary>A handler of a target.</summary>
/// <param name="Target">The target, or <c>kind:*</c>, or <see cref="HandlerTable.Agents"/>.</param>
/// <param name="CreateContext">
/// Creates the typed context; throws when the config does not have the handler's type.
/// </param>
/// <param name="Handle">Executes the run.</param>
internal sealed record HandlerRegistration(
    string Target,
    Func<AttemptEnvironment, RunContext> CreateContext,
    Func<RunContext, CancellationToken, Task<RunResult>> Handle);
