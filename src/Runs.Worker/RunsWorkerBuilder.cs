using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Runs.Client.Http;

namespace Runs.Worker;

/// <summary>Describes a worker: its handlers, middleware and settings. Errors are found when the host starts.</summary>
public sealed class RunsWorkerBuilder
{
    private readonly WorkerDefinition _definition;

    internal RunsWorkerBuilder(IServiceCollection services, WorkerDefinition definition)
    {
        Services = services;
        _definition = definition;
    }

    /// <summary>The services of the application.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Adds a handler class: an <see cref="IRunHandler{TConfig}"/> with <see cref="HandlesAttribute"/>.
    /// </summary>
    /// <typeparam name="THandler">The class. It is resolved from a separate scope for each attempt.</typeparam>
    public RunsWorkerBuilder Handle<THandler>()
        where THandler : class
    {
        var contracts = typeof(THandler).GetInterfaces()
            .Where(contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IRunHandler<>))
            .ToList();
        var targets = typeof(THandler).GetCustomAttributes<HandlesAttribute>().Select(attribute => attribute.Target).ToList();
        if (contracts is not [var single] || targets.Count == 0)
        {
            _definition.Handlers.Errors.Add(
                $"{typeof(THandler).Name} must implement IRunHandler<TConfig> once, and have the attribute [Handles(target)].");
            return this;
        }

        Services.TryAddScoped<THandler>();
        var add = typeof(RunsWorkerBuilder).GetMethod(nameof(AddHandler), BindingFlags.NonPublic | BindingFlags.Instance)!
            .MakeGenericMethod(typeof(THandler), single.GetGenericArguments()[0]);
        foreach (var target in targets)
        {
            add.Invoke(this, [target]);
        }

        return this;
    }

    /// <summary>Adds a handler of a target.</summary>
    /// <typeparam name="TConfig">The config of a task or eval, or the input of a workflow or agent.</typeparam>
    /// <param name="target">
    /// The target, such as <c>task:report</c>; or <c>task:*</c> for all that have no own handler.
    /// </param>
    /// <param name="handler">Executes one attempt.</param>
    public RunsWorkerBuilder Handle<TConfig>(string target, Func<RunContext<TConfig>, CancellationToken, Task<RunResult>> handler)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(handler);
        _definition.Handlers.Add(new HandlerRegistration(
            target, CreateContext<TConfig>, (run, stop) => handler((RunContext<TConfig>)run, stop)));
        return this;
    }

    /// <summary>Adds a handler of a target that does not wait for anything.</summary>
    /// <typeparam name="TConfig">The config of a task or eval, or the input of a workflow or agent.</typeparam>
    /// <param name="target">
    /// The target, such as <c>task:report</c>; or <c>task:*</c> for all that have no own handler.
    /// </param>
    /// <param name="handler">Executes one attempt.</param>
    public RunsWorkerBuilder Handle<TConfig>(string target, Func<RunContext<TConfig>, CancellationToken, RunResult> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Handle<TConfig>(target, (run, stop) => Task.FromResult(handler(run, stop)));
    }

    /// <summary>
    /// Adds the handler of agent runs of an implementation, and sets <see
    /// cref="RunsWorkerOptions.ImplementationKind"/>. A worker has one implementation.
    /// </summary>
    /// <param name="implementationKind">The implementation, 1-64 letters, digits, underscores and hyphens.</param>
    /// <param name="handler">Executes one attempt.</param>
    public RunsWorkerBuilder HandleAgents(
        string implementationKind, Func<AgentRunContext, CancellationToken, Task<RunResult>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _definition.Handlers.Add(new HandlerRegistration(
            HandlerTable.Agents, environment => new AgentRunContext(environment), (run, stop) => handler((AgentRunContext)run, stop)));
        return Configure(options => options.ImplementationKind = implementationKind);
    }

    /// <summary>Adds middleware around every attempt. What is added first is outermost.</summary>
    /// <param name="middleware">Calls the rest of the attempt, or returns an outcome without it.</param>
    public RunsWorkerBuilder Use(Func<RunContext, RunDelegate, CancellationToken, Task<RunResult>> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        _definition.Handlers.Use(middleware);
        return this;
    }

    /// <summary>Sets options; they take precedence over the configuration.</summary>
    public RunsWorkerBuilder Configure(Action<RunsWorkerOptions> configure)
    {
        Services.Configure(_definition.Name, configure);
        return this;
    }

    private static RunContext<TConfig> CreateContext<TConfig>(AttemptEnvironment environment)
    {
        var run = environment.Attempt.Claim;
        var config = ApiJson.FromRawJson<TConfig>(run.Config ?? run.Input ?? new Contracts.RawJson("{}"));
        return new RunContext<TConfig>(environment, config!);
    }

    private void AddHandler<THandler, TConfig>(string target)
        where THandler : class, IRunHandler<TConfig> =>
        Handle<TConfig>(target, (run, stop) => run.Services.GetRequiredService<THandler>().Handle(run, stop));
}
