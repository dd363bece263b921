using Microsoft.AspNetCore.Builder;
using Runs.Tests.Stores;

namespace Runs.Tests.Applications;

/// <summary>A server whose store calls are counted.</summary>
public sealed class InterceptedApplication : EmbeddedApplication
{
    public InterceptedStore InterceptedStore { get; private set; } = null!;

    protected override void ConfigureBuilder(WebApplicationBuilder builder) => builder.InterceptStore(store => InterceptedStore = store);
}
