namespace Runs.Api.OpenApi.Schemas;

/// <summary>The kinds of targets, as responses show them and as requests name them.</summary>
internal static class TargetKinds
{
    private const string FormerMainBranch = "production";

    /// <summary>Where a run executes.</summary>
    public static IReadOnlyList<string> Runtime { get; } = ["main_branch", "environment", "preview_branch"];

    /// <summary>Where a run executes, with the former name that requests may use.</summary>
    public static IReadOnlyList<string> RuntimeInRequest { get; } = [.. Runtime, FormerMainBranch];

    /// <summary>Where an agent's source comes from.</summary>
    public static IReadOnlyList<string> Source { get; } = ["project", "environment", "preview_branch", "release", "main_branch"];
}
