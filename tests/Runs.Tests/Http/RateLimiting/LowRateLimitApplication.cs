using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Runs.Tests.Http;

/// <summary>
/// A server that accepts one create a second of each tenant, and waits half a second for a body. It captures the errors
/// that it logs.
/// </summary>
public sealed class LowRateLimitApplication : EmbeddedApplication
{
    public ErrorLogCapture Errors { get; } = new();

    protected override void ConfigureBuilder(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Logging.AddProvider(Errors);
    }

    protected override async Task<Dictionary<string, string?>> CreateSettings() => new(await base.CreateSettings())
    {
        ["Api:CreatesPerSecond"] = "1",
        ["Api:CommandsPerSecond"] = "0",
        ["Api:BodyTimeout"] = "00:00:00.500",
    };
}
