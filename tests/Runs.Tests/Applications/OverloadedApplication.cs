using Microsoft.AspNetCore.Builder;
using Runs.Tests.Stores;

namespace Runs.Tests.Applications;

/// <summary>A server that executes one command at a time.</summary>
public sealed class OverloadedApplication()
    : EmbeddedApplication(new() { ["Api:MaxConcurrentCommands"] = "1", ["Api:TenantShare"] = "1" })
{
    public InterceptedStore InterceptedStore { get; private set; } = null!;

    protected override void ConfigureBuilder(WebApplicationBuilder builder) => builder.InterceptStore(store => InterceptedStore = store);
}
