using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Runs.Server;

namespace Runs.Tests;

/// <summary>The configured log levels, beside the rules that suppress the stack trace of a port in use.</summary>
public sealed class LogLevelTests
{
    [Theory]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Server.Kestrel.Connections", "Debug", true)]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Server.Kestrel", "None", false)]
    [InlineData("Default", "Microsoft.Extensions.Hosting.Internal.Host", "None", false)]
    [InlineData("Default", "Runs.Some", "Debug", true)]
    public async Task A_configured_level_applies(string setting, string category, string level, bool isEnabled)
    {
        var builder = ServerBuilder.CreateBuilder(["--environment", "Development"]);
        builder.Configuration.AddInMemoryCollection([new($"Logging:LogLevel:{setting}", level)]);
        await using var server = ServerBuilder.Build(builder);

        var logger = server.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category);

        Assert.Equal(isEnabled, logger.IsEnabled(level == "None" ? LogLevel.Critical : LogLevel.Debug));
    }
}
