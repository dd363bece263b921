namespace Runs.Tests.Lifecycle;

/// <summary>A server that cancels ten descendants per second.</summary>
public sealed class SlowCascadeApplication : EmbeddedApplication
{
    protected override async Task<Dictionary<string, string?>> CreateSettings() =>
        new(await base.CreateSettings()) { ["Lifecycle:MaxCascadedCancelsPerSecond"] = "10" };
}
