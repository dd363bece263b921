using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// The embedded default with a store that a test can make unavailable, and a clock that a test advances.
/// </summary>
public sealed class UnavailableStoreApplication : EmbeddedApplication
{
    public FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());

    public InterceptedStore InterceptedStore { get; private set; } = null!;

    // The clock advances by a day: short intervals would fire too often.
    protected override async Task<Dictionary<string, string?>> CreateSettings() => new(await base.CreateSettings())
    {
        ["Lifecycle:DueRunPollingInterval"] = "00:01:00",
        ["Lifecycle:OutboxPollingInterval"] = "00:10:00",
    };

    protected override void ConfigureBuilder(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.InterceptStore(store => InterceptedStore = store);
    }
}
