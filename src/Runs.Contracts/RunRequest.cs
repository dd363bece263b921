using System.Text.Json;

namespace Runs.Contracts;

/// <summary>What a run is asked to execute: <see cref="CreateRun.Request"/>, read by kind. Null for what was absent or null.</summary>
/// <remarks>
/// UUIDs come in either case and are read in lower case. Texts have no control characters, and where the API names no length for them at most 255
/// UTF-16 code units. Members that the kind does not have are ignored, whatever they hold.
/// </remarks>
public sealed record RunRequest
{
    /// <summary>The agent to run, 1-256 characters; agent runs only.</summary>
    public string? AgentId { get; init; }

    /// <summary><c>agent</c>, also for the former <c>default_chat</c>; agent runs only.</summary>
    public string? Mode { get; init; }

    /// <summary><c>pending</c>, or <c>running</c> for an agent run that its creator executes.</summary>
    public required string InitialStatus { get; init; }

    /// <summary>Names the worker implementation that may execute the run: 1-64 of <c>A-Z a-z 0-9 _ -</c>; agent runs only.</summary>
    public string? ImplementationKind { get; init; }

    /// <summary>Pins one worker: 1-128 of <c>A-Z a-z 0-9 _ . : -</c>; agent runs only.</summary>
    public string? WorkerKey { get; init; }

    /// <summary>Where the code comes from: <c>project</c>, <c>environment</c>, <c>preview_branch</c>, <c>release</c> or <c>main_branch</c>; agent runs only.</summary>
    public string? SourceTargetKind { get; init; }

    /// <summary>A UUID; with a source target kind of <c>environment</c>, and only then.</summary>
    public string? SourceTargetEnvironmentId { get; init; }

    /// <summary>A UUID; with a source target kind of <c>preview_branch</c>, and only then.</summary>
    public string? SourceTargetBranchId { get; init; }

    /// <summary>A release's version, 1-255 characters; with a source target kind of <c>release</c> only.</summary>
    public string? SourceTargetReleaseVersion { get; init; }

    /// <summary>Where the run executes: <c>main_branch</c>, also for the former <c>production</c>, <c>environment</c> or <c>preview_branch</c>.</summary>
    public string? RuntimeTargetKind { get; init; }

    /// <summary>A UUID; with a runtime target kind of <c>environment</c>, and only then.</summary>
    public string? RuntimeTargetEnvironmentId { get; init; }

    /// <summary>A UUID; with a runtime target kind of <c>preview_branch</c>, and only then.</summary>
    public string? RuntimeTargetBranchId { get; init; }

    /// <summary>A JSON object, as sent; all but task runs.</summary>
    public RawJson? Input { get; init; }

    /// <summary>A JSON object, as sent; task and eval runs only.</summary>
    public RawJson? Config { get; init; }

    /// <summary>What is executed, as <c>kind:id</c>; the id has 1-256 characters.</summary>
    public string? Target { get; init; }

    /// <summary>For people, 1-255 characters; task runs only.</summary>
    public string? Name { get; init; }

    /// <summary>A UUID: groups runs; task runs only.</summary>
    public string? BatchId { get; init; }

    /// <summary>Seconds that the run may take, 1 or more; task runs only.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>Retries, 0 or more; task runs only.</summary>
    public int? BackoffLimit { get; init; }

    /// <summary>The workflow, 1-256 characters; workflow runs only.</summary>
    public string? WorkflowId { get; init; }

    /// <summary>Free text, 1-255 characters; workflow and eval runs only.</summary>
    public string? StartMode { get; init; }

    /// <summary>The request as sent, but without what <see cref="Input"/> and <see cref="Config"/> hold: a JSON object.</summary>
    public required RawJson Rest { get; init; }

    /// <summary>
    /// Reads <paramref name="request"/>, which stands at <paramref name="pointer"/>, as a request of <paramref name="kind"/>; everything wrong is added to
    /// <paramref name="errors"/>. The result is of use only when nothing is.
    /// </summary>
    public static RunRequest Read(string kind, JsonElement request, string pointer, ICollection<InvalidMember> errors) =>
        RunRequestReader.Read(kind, request, pointer, errors);
}
