using Runs.Contracts;

namespace Runs.Client.Http;

/// <summary>The <c>request</c> of a create: the members of every kind.</summary>
internal sealed record CreateRequestBody
{
    public string? Target { get; init; }

    public string? AgentId { get; init; }

    public string? WorkflowId { get; init; }

    public string? Name { get; init; }

    public string? BatchId { get; init; }

    public string? InitialStatus { get; init; }

    public string? ImplementationKind { get; init; }

    public string? WorkerKey { get; init; }

    public RawJson? Input { get; init; }

    public RawJson? Config { get; init; }

    public int? TimeoutSeconds { get; init; }

    public int? BackoffLimit { get; init; }

    public int? Priority { get; init; }

    public DateTimeOffset? StartAfter { get; init; }

    public int? StartWithinSeconds { get; init; }
}
