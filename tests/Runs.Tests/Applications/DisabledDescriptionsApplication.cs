namespace Runs.Tests.Applications;

/// <summary>A server without OpenAPI document, AsyncAPI document and documentation page.</summary>
public sealed class DisabledDescriptionsApplication() : EmbeddedApplication(new() { ["Api:ServeDescriptions"] = "false" });
