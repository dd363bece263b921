namespace Runs.Validation;

/// <summary>
/// The parsed <see cref="CreateRun.Request"/> of a run, by kind. Members that were absent or null are null.
/// </summary>
/// <remarks>
/// UUIDs are accepted in either case and converted to lower case. Texts have no control characters and, where the API
/// specifies no length, at most 255 UTF-16 code units. Members that the kind does not have are ignored, with any value.
/// </remarks>
internal sealed record RunRequest
{
    /// <summary>The agent to run, 1-256 characters; agent runs only.</summary>
    public string? AgentId { get; init; }

    /// <summary><c>pending</c>, or <c>running</c> for an agent run that its creator executes.</summary>
    public required string InitialStatus { get; init; }

    /// <summary>
    /// The worker implementation that may execute the run: 1-64 of <c>A-Z a-z 0-9 _ -</c>; agent runs only.
    /// </summary>
    public string? ImplementationKind { get; init; }

    /// <summary>
    /// The key of the only worker that may execute the run: 1-128 of <c>A-Z a-z 0-9 _ . : -</c>; agent runs only.
    /// </summary>
    public string? WorkerKey { get; init; }

    /// <summary>
    /// The source of the code: <c>project</c>, <c>environment</c>, <c>preview_branch</c>, <c>release</c> or
    /// <c>main_branch</c>; agent runs only.
    /// </summary>
    public string? SourceTargetKind { get; init; }

    /// <summary>A UUID; with a source target kind of <c>environment</c>, and only then.</summary>
    public string? SourceTargetEnvironmentId { get; init; }

    /// <summary>A UUID; with a source target kind of <c>preview_branch</c>, and only then.</summary>
    public string? SourceTargetBranchId { get; init; }

    /// <summary>A release's version, 1-255 characters; with a source target kind of <c>release</c> only.</summary>
    public string? SourceTargetReleaseVersion { get; init; }

    /// <summary>
    /// Where the run executes: <c>main_branch</c>, also for the former <c>production</c>, <c>environment</c> or
    /// <c>preview_branch</c>.
    /// </summary>
    public string? RuntimeTargetKind { get; init; }

    /// <summary>A UUID; with a runtime target kind of <c>environment</c>, and only then.</summary>
    public string? RuntimeTargetEnvironmentId { get; init; }

    /// <summary>A UUID; with a runtime target kind of <c>preview_branch</c>, and only then.</summary>
    public string? RuntimeTargetBranchId { get; init; }

    /// <summary>A JSON object, as sent; all kinds except task runs.</summary>
    public RawJson? Input { get; init; }

    /// <summary>A JSON object, as sent; task and eval runs only.</summary>
    public RawJson? Config { get; init; }

    /// <summary>The target to execute, as <c>kind:id</c>; the id has 1-256 characters.</summary>
    public string? Target { get; init; }

    /// <summary>A human-readable name, 1-255 characters; task runs only.</summary>
    public string? Name { get; init; }

    /// <summary>A UUID that groups runs; task runs only.</summary>
    public string? BatchId { get; init; }

    /// <summary>The time limit of each running period in seconds, 1 or more.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>The number of retries, 0 or more.</summary>
    public int? BackoffLimit { get; init; }

    /// <summary>The head start over other runs in seconds, from -86,400 to 86,400.</summary>
    public int? Priority { get; init; }

    /// <summary>The time before which the run is not executed; never together with a delay.</summary>
    public DateTimeOffset? StartAfter { get; init; }

    /// <summary>The delay of the execution in seconds, 0 or more.</summary>
    public int? DelaySeconds { get; init; }

    /// <summary>
    /// The time within which the execution must begin, in seconds from the moment at which it may begin: 1 or more.
    /// </summary>
    public int? StartWithinSeconds { get; init; }

    /// <summary>The id of the workflow, 1-256 characters; workflow runs only.</summary>
    public string? WorkflowId { get; init; }

    /// <summary>Free text, 1-255 characters; workflow and eval runs only.</summary>
    public string? StartMode { get; init; }

    /// <summary>
    /// The request as sent, without the members in <see cref="Input"/> and <see cref="Config"/>: a JSON object.
    /// </summary>
    public required RawJson RemainingMembers { get; init; }
}
