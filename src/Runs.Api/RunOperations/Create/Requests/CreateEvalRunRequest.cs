using Runs.Contracts;

namespace Runs.Api.RunOperations;

/// <summary>Creates a run of an evaluation. Its owner is a project.</summary>
public sealed record CreateEvalRunRequest : CreateRunRequest
{
    /// <summary>Always <c>eval</c>.</summary>
    [OneOf(RunKinds.Eval)]
    public required string Kind { get; init; }

    /// <summary>The evaluation to run.</summary>
    public required EvalRequest Request { get; init; }
}
