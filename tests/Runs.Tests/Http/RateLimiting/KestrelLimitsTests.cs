using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Runs.Server;

namespace Runs.Tests.Http;

/// <summary>The limits that the web server itself enforces.</summary>
public sealed class KestrelLimitsTests
{
    [Fact]
    public void The_settings_limit_connections_and_slow_uploads()
    {
        var limits = ReadLimits(("Api:MaxConcurrentConnections", "7"), ("Api:MinBodyBytesPerSecond", "300"));

        Assert.Equal(7, limits.MaxConcurrentConnections);
        var rate = limits.MinRequestBodyDataRate!;
        Assert.Equal((300, TimeSpan.FromSeconds(5)), (rate.BytesPerSecond, rate.GracePeriod));
    }

    [Fact]
    public void Zero_removes_a_limit()
    {
        var limits = ReadLimits(("Api:MaxConcurrentConnections", "0"), ("Api:MinBodyBytesPerSecond", "0"));

        Assert.Null(limits.MaxConcurrentConnections);
        Assert.Null(limits.MinRequestBodyDataRate);
    }

    private static KestrelServerLimits ReadLimits(params (string Name, string Value)[] settings)
    {
        var builder = ServerBuilder.CreateBuilder(["--environment", "Development"]);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        using var server = ServerBuilder.Build(builder);
        return server.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;
    }
}
