using System.Security.Cryptography;
using Runs.Client.Http;
using Runs.Contracts;

namespace Runs.Client;

/// <summary>
/// A run to create. Start with <see cref="Task"/>, <see cref="Workflow"/>, <see cref="Eval"/> or <see cref="Agent"/>,
/// and add the other members with <c>with</c>. The server validates all of them.
/// </summary>
public sealed record NewRun
{
    private NewRun()
    {
    }

    /// <summary><see cref="RunKinds"/>.</summary>
    public string Kind { get; private init; } = "";

    /// <summary>What the run executes, as <c>kind:id</c>.</summary>
    public string Target { get; private init; } = "";

    /// <summary>
    /// The run's id, 1-128 characters: the idempotency key of the create. The client generates one when absent.
    /// </summary>
    public string? PublicId { get; init; }

    /// <summary>The parent run, or null. The new run joins its tree, and is cancelled with it.</summary>
    public string? ParentRunId { get; init; }

    /// <summary>The owner; the project of the client's options when absent.</summary>
    public Owner? Owner { get; init; }

    /// <summary>The input of a workflow, eval or agent: a JSON object.</summary>
    public RawJson? Input { get; init; }

    /// <summary>The configuration of a task or eval: a JSON object.</summary>
    public RawJson? Config { get; init; }

    /// <summary>The name of a task, for people. At most 255 characters.</summary>
    public string? Name { get; init; }

    /// <summary>The batch that a task belongs to, a UUID.</summary>
    public string? BatchId { get; init; }

    /// <summary>
    /// The time limit of each running period in seconds, over all attempts and the delays between them. 1 or more; no
    /// limit when absent.
    /// </summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>
    /// The maximum number of further attempts after a failed one. When absent, a reported failure is final, and a lost
    /// attempt is followed by another one three times.
    /// </summary>
    public int? BackoffLimit { get; init; }

    /// <summary>The time before which no worker gets the run.</summary>
    public DateTimeOffset? StartAfter { get; init; }

    /// <summary>The time within which the run must begin after it may; otherwise it fails. Whole seconds.</summary>
    public TimeSpan? StartWithin { get; init; }

    /// <summary>
    /// The time in seconds by which the run is ahead of others that became ready with it; -86,400 to 86,400.
    /// </summary>
    public int Priority { get; init; }

    /// <summary>
    /// An agent run's <see cref="ConversationModes"/>: whether it takes part in a conversation; in none when absent.
    /// </summary>
    public string? ConversationMode { get; init; }

    /// <summary>The conversation of an agent run with mode <c>existing</c>, a UUID.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The implementation of the workers that may execute an agent run.</summary>
    public string? ImplementationKind { get; init; }

    /// <summary>The one worker that may execute an agent run.</summary>
    public string? WorkerKey { get; init; }

    /// <summary>Creates a run of a task.</summary>
    /// <param name="target">The task, as <c>task:id</c> or only its id.</param>
    /// <param name="config">A value that becomes a JSON object with camelCase members, or null.</param>
    public static NewRun Task(string target, object? config = null) => new()
    {
        Kind = RunKinds.Task,
        Target = ToTarget(RunKinds.Task, target),
        Config = ToRawJson(config),
    };

    /// <summary>Creates a run of a workflow.</summary>
    /// <param name="id">The workflow's id.</param>
    /// <param name="input">A value that becomes a JSON object with camelCase members, or null.</param>
    public static NewRun Workflow(string id, object? input = null) => new()
    {
        Kind = RunKinds.Workflow,
        Target = ToTarget(RunKinds.Workflow, id),
        Input = ToRawJson(input),
    };

    /// <summary>Creates a run of an evaluation.</summary>
    /// <param name="target">The evaluation, as <c>eval:id</c> or only its id.</param>
    /// <param name="config">A value that becomes a JSON object with camelCase members, or null.</param>
    /// <param name="input">A value that becomes a JSON object with camelCase members, or null.</param>
    public static NewRun Eval(string target, object? config = null, object? input = null) => new()
    {
        Kind = RunKinds.Eval,
        Target = ToTarget(RunKinds.Eval, target),
        Config = ToRawJson(config),
        Input = ToRawJson(input),
    };

    /// <summary>Creates a run of an agent.</summary>
    /// <param name="id">The agent's id.</param>
    /// <param name="input">
    /// A value that becomes a JSON object with camelCase members. Without it, and without
    /// <see cref="ImplementationKind"/>, the run is reserved until a second create with the same id supplies the input.
    /// </param>
    public static NewRun Agent(string id, object? input = null) => new()
    {
        Kind = RunKinds.Agent,
        Target = ToTarget(RunKinds.Agent, id),
        Input = ToRawJson(input),
    };

    internal CreateBody ToBody(Func<Owner> getOwner) => new()
    {
        Kind = Kind,
        Owner = Owner ?? getOwner(),
        PublicId = PublicId ?? $"run_{RandomNumberGenerator.GetHexString(32, lowercase: true)}",
        ParentRunId = ParentRunId,
        ConversationMode = ConversationMode,
        ConversationId = ConversationId,
        Request = new CreateRequestBody
        {
            Target = Kind == RunKinds.Agent ? null : Target,
            AgentId = Kind == RunKinds.Agent ? Id : null,
            WorkflowId = Kind == RunKinds.Workflow ? Id : null,
            Name = Name,
            BatchId = BatchId,
            ImplementationKind = ImplementationKind,
            WorkerKey = WorkerKey,
            Input = Input,
            Config = Config,
            TimeoutSeconds = TimeoutSeconds,
            BackoffLimit = BackoffLimit,
            Priority = Priority == 0 ? null : Priority,
            StartAfter = StartAfter,
            StartWithinSeconds = (int?)StartWithin?.TotalSeconds,
        },
    };

    private string Id => Target[(Kind.Length + 1)..];

    private static string ToTarget(string kind, string target)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        return target.StartsWith($"{kind}:", StringComparison.Ordinal) ? target : $"{kind}:{target}";
    }

    private static RawJson? ToRawJson(object? value) => value is null ? null : ApiJson.ToRawJson(value);
}
