using System.ComponentModel;
using System.Text.Json.Serialization;
using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>The members that creates of every kind have. Unknown members are ignored.</summary>
// Describes the body only; CreateRunBodyParser reads it. A plain comment, because XML comments become text of the API.
[Description("A run to create, by `kind`. Unknown members are ignored.")]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CreateAgentRunRequest), RunKinds.Agent)]
[JsonDerivedType(typeof(CreateTaskRunRequest), RunKinds.Task)]
[JsonDerivedType(typeof(CreateWorkflowRunRequest), RunKinds.Workflow)]
[JsonDerivedType(typeof(CreateEvalRunRequest), RunKinds.Eval)]
public abstract record CreateRunRequest : RequestSchema
{
    /// <summary>The owner of the run. Tasks, workflows and evals belong to a project.</summary>
    public required Owner Owner { get; init; }

    /// <summary>
    /// The run's id, unique in the tenant: the idempotency key of this call. Without it, the service generates an id,
    /// and every call creates another run.
    /// </summary>
    [RunId]
    public string PublicId { get; init; } = "";

    /// <summary>The id of an existing run. The new run joins its tree.</summary>
    [RunId]
    public string? ParentRunId { get; init; }

    /// <summary>The message and the tool call that spawned the run.</summary>
    public CreateRunTrigger? Trigger { get; init; }
}
