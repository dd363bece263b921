namespace Runs.Tests.Applications;

/// <summary>A server whose paths have a prefix.</summary>
public sealed class PathBaseApplication() : EmbeddedApplication(new() { ["Proxy:PathBase"] = "/behind/it" });
