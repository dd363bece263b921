using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Runs.Lifecycle;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// The embedded default without the direct dispatch of half of the outboxes, as if the process had ended after the
/// write.
/// </summary>
public sealed class LossyDispatchApplication : EmbeddedApplication
{
    protected override void ConfigureBuilder(WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<IOutboxDispatcher>(
            provider => new LossyDispatcher(provider.GetRequiredService<OutboxDispatcher>()));

    private sealed class LossyDispatcher(OutboxDispatcher dispatcher) : IOutboxDispatcher
    {
        public void Enqueue(Run run)
        {
            if (Random.Shared.Next(2) == 0)
            {
                dispatcher.Enqueue(run);
            }
        }
    }
}
