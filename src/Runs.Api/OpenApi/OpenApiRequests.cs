using System.ComponentModel.DataAnnotations;
using Runs.Contracts;

namespace Runs.Api.OpenApi;

// These records only describe bodies; no body is deserialized into them. The parsers read JSON directly, so that all
// validation errors are reported at once and JSON is returned exactly as sent. OpenApiTests posts the examples, and
// CreateRunValidator checks the limits.

/// <summary>The members that creates of every kind have. Unknown members are ignored.</summary>
public abstract record CreateRunRequest
{
    /// <summary>The owner of the run. Tasks, workflows and evals belong to a project.</summary>
    public required Owner Owner { get; init; }

    /// <summary>
    /// The run's id, unique in the tenant: the idempotency key of this call. Without it, the service generates an id,
    /// and every call creates another run.
    /// </summary>
    [StringLength(128, MinimumLength = 1), RegularExpression("^[A-Za-z0-9_-][A-Za-z0-9_.:-]*$")]
    public string PublicId { get; init; } = "";

    /// <summary>The id of an existing run. The new run joins its tree.</summary>
    [StringLength(128, MinimumLength = 1), RegularExpression("^[A-Za-z0-9_-][A-Za-z0-9_.:-]*$")]
    public string? ParentRunId { get; init; }

    /// <summary>The message and the tool call that spawned the run.</summary>
    public CreateRunTrigger? Trigger { get; init; }
}

/// <summary>The message and the tool call that spawned a run.</summary>
public sealed record CreateRunTrigger
{
    /// <summary>The caller's conversation.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The caller's message.</summary>
    public string? MessageId { get; init; }

    /// <summary>The tool call. No control characters.</summary>
    [StringLength(128, MinimumLength = 1)]
    public string? ToolCallId { get; init; }
}

/// <summary>Creates an agent run.</summary>
public sealed record CreateAgentRunRequest : CreateRunRequest
{
    /// <summary>Always <c>agent</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The work requested from the agent.</summary>
    public required AgentRequest Request { get; init; }

    /// <summary>
    /// How the run relates to a conversation. A run owned by a conversation belongs to it, and the mode, if set, is
    /// <c>existing</c>. A run owned by a project has no conversation unless the mode requests a new or an existing one.
    /// </summary>
    public string? ConversationMode { get; init; }

    /// <summary>
    /// The conversation to join. Required with mode <c>existing</c> and not allowed otherwise; for a run of a
    /// conversation, the owner's id.
    /// </summary>
    public string? ConversationId { get; init; }
}

/// <summary>Creates a run of a task. Its owner is a project.</summary>
public sealed record CreateTaskRunRequest : CreateRunRequest
{
    /// <summary>Always <c>task</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The task to run.</summary>
    public required TaskRequest Request { get; init; }
}

/// <summary>Creates a run of a workflow. Its owner is a project.</summary>
public sealed record CreateWorkflowRunRequest : CreateRunRequest
{
    /// <summary>Always <c>workflow</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The workflow to run.</summary>
    public required WorkflowRequest Request { get; init; }
}

/// <summary>Creates a run of an evaluation. Its owner is a project.</summary>
public sealed record CreateEvalRunRequest : CreateRunRequest
{
    /// <summary>Always <c>eval</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The evaluation to run.</summary>
    public required EvalRequest Request { get; init; }
}

/// <summary>Where a run executes.</summary>
public abstract record RuntimeTarget
{
    /// <summary>Where the run executes. <c>production</c> is the former name of <c>main_branch</c>.</summary>
    public string? RuntimeTargetKind { get; init; }

    /// <summary>Required with <c>environment</c>, and not allowed otherwise.</summary>
    public string? RuntimeTargetEnvironmentId { get; init; }

    /// <summary>Required with <c>preview_branch</c>, and not allowed otherwise.</summary>
    public string? RuntimeTargetBranchId { get; init; }
}

/// <summary>The work requested from an agent. Less than 2,000,000 bytes as canonical JSON.</summary>
public sealed record AgentRequest : RuntimeTarget
{
    /// <summary>The agent. No control characters.</summary>
    [StringLength(256, MinimumLength = 1)]
    public required string AgentId { get; init; }

    /// <summary><c>agent</c> when absent. <c>default_chat</c> is its former name.</summary>
    public string? Mode { get; init; }

    /// <summary><c>pending</c> when absent. <c>running</c> for a run that its creator executes.</summary>
    public string? InitialStatus { get; init; }

    /// <summary>The worker implementation that may execute the run.</summary>
    [StringLength(64, MinimumLength = 1), RegularExpression("^[A-Za-z0-9_-]+$")]
    public string? ImplementationKind { get; init; }

    /// <summary>The one worker that may execute the run.</summary>
    [StringLength(128, MinimumLength = 1), RegularExpression("^[A-Za-z0-9_.:-]+$")]
    public string? WorkerKey { get; init; }

    /// <summary>Where the agent's source comes from.</summary>
    public string? SourceTargetKind { get; init; }

    /// <summary>Required with <c>environment</c>, and not allowed otherwise.</summary>
    public string? SourceTargetEnvironmentId { get; init; }

    /// <summary>Required with <c>preview_branch</c>, and not allowed otherwise.</summary>
    public string? SourceTargetBranchId { get; init; }

    /// <summary>Only with <c>release</c>.</summary>
    [StringLength(255, MinimumLength = 1)]
    public string? SourceTargetReleaseVersion { get; init; }

    /// <summary>
    /// The agent's input. A pending run may be created without it and receive it by a second create with the same id.
    /// </summary>
    public RawJson? Input { get; init; }
}

/// <summary>A task to run.</summary>
public sealed record TaskRequest : RuntimeTarget
{
    /// <summary>The task, as <c>task:</c> and its id of 1-256 characters.</summary>
    [StringLength(261, MinimumLength = 6), RegularExpression("^task:.+$")]
    public required string Target { get; init; }

    /// <summary>The name for people. No control characters.</summary>
    [StringLength(255, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>The batch that the run belongs to.</summary>
    public string? BatchId { get; init; }

    /// <summary>The configuration that is passed to the task.</summary>
    public RawJson? Config { get; init; }

    /// <summary>The maximum duration of one execution, in seconds.</summary>
    [Range(1, int.MaxValue)]
    public int? TimeoutSeconds { get; init; }

    /// <summary>The maximum number of retries after a failure.</summary>
    [Range(0, int.MaxValue)]
    public int? BackoffLimit { get; init; }
}

/// <summary>A workflow to run.</summary>
public sealed record WorkflowRequest : RuntimeTarget
{
    /// <summary>The workflow. No control characters.</summary>
    [StringLength(256, MinimumLength = 1)]
    public required string WorkflowId { get; init; }

    /// <summary><c>workflow:</c> and the <c>workflow_id</c>.</summary>
    [StringLength(265, MinimumLength = 10), RegularExpression("^workflow:.+$")]
    public required string Target { get; init; }

    /// <summary>The input that is passed to the workflow.</summary>
    public RawJson? Input { get; init; }

    /// <summary>How the run was started, free text.</summary>
    [StringLength(255, MinimumLength = 1)]
    public string? StartMode { get; init; }
}

/// <summary>An evaluation to run.</summary>
public sealed record EvalRequest : RuntimeTarget
{
    /// <summary>The evaluation, as <c>eval:</c> and its id of 1-256 characters.</summary>
    [StringLength(261, MinimumLength = 6), RegularExpression("^eval:.+$")]
    public required string Target { get; init; }

    /// <summary>The input that is passed to the evaluation.</summary>
    public RawJson? Input { get; init; }

    /// <summary>The configuration that is passed to the evaluation.</summary>
    public RawJson? Config { get; init; }

    /// <summary>How the run was started, free text.</summary>
    [StringLength(255, MinimumLength = 1)]
    public string? StartMode { get; init; }
}

/// <summary>How a run ended. Output, logs, artifacts, metadata and error message together have at most 5 MiB.</summary>
public sealed record CompleteRunRequest
{
    /// <summary>The outcome.</summary>
    public required string Status { get; init; }

    /// <summary>What the executor reports, such as an agent's usage.</summary>
    public RawJson? Metadata { get; init; }

    /// <summary>The error code, for programs. With status <c>failed</c>.</summary>
    [MaxLength(255)]
    public string? TerminalErrorCode { get; init; }

    /// <summary>
    /// The error message, for people. With status <c>failed</c>. When absent, the service generates one.
    /// </summary>
    [MaxLength(65_536)]
    public string? TerminalErrorMessage { get; init; }

    /// <summary>The result: any JSON value.</summary>
    public RawJson? Output { get; init; }

    /// <summary>Log text, at most 4 MiB in UTF-8.</summary>
    public string? Logs { get; init; }

    /// <summary>An array of any JSON values.</summary>
    public RawJson? Artifacts { get; init; }

    /// <summary>The process exit code. 0 or 1 by outcome when absent, except for agent runs.</summary>
    public int? ExitCode { get; init; }

    /// <summary>
    /// The duration in milliseconds, as measured by the executor. When absent, the time from start to end.
    /// </summary>
    [Range(typeof(long), "0", "9223372036854775807")]
    public long? DurationMs { get; init; }
}
