namespace Runs.Tests.Applications;

/// <summary>A server that pages of one origin may call.</summary>
public sealed class CrossOriginApplication() : EmbeddedApplication(new() { ["Cors:AllowedOrigins:0"] = Origin })
{
    public const string Origin = "https://console.example.com";
}
