namespace Runs.Api.RunOperations;

/// <summary>Where a run executes.</summary>
public abstract record RuntimeTarget : RequestSchema
{
    /// <summary>Where the run executes. <c>production</c> is the former name of <c>main_branch</c>.</summary>
    [OneOf(typeof(TargetKinds), nameof(TargetKinds.RuntimeInRequest))]
    public string? RuntimeTargetKind { get; init; }

    /// <summary>Required with <c>environment</c>, and not allowed otherwise.</summary>
    [Uuid]
    public string? RuntimeTargetEnvironmentId { get; init; }

    /// <summary>Required with <c>preview_branch</c>, and not allowed otherwise.</summary>
    [Uuid]
    public string? RuntimeTargetBranchId { get; init; }
}
