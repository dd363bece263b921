namespace Runs.Api.OpenApi.Schemas;

/// <summary>The kinds of targets, as responses show them and as requests name them.</summary>
internal static class TargetKinds
{
    /// <summary>Where a run executes.</summary>
    public static IReadOnlyList<string> Runtime { get; } = RunRequestParser.RuntimeTargetKinds;

    /// <summary>Where a run executes, with the former name that requests may use.</summary>
    public static IReadOnlyList<string> RuntimeInRequest { get; } = [.. Runtime, RunRequestParser.FormerMainBranch];

    /// <summary>Where an agent's source comes from.</summary>
    public static IReadOnlyList<string> Source { get; } = RunRequestParser.SourceTargetKinds;
}
