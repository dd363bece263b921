using Microsoft.Extensions.Configuration;

namespace Runs.Samples.MassTransitWorker;

/// <summary>The settings of the worker, from environment variables.</summary>
/// <param name="Api">The HTTP API.</param>
/// <param name="ApiKey">The tenant's API key.</param>
/// <param name="Tenant">The tenant of the key. The broker delivers the events of other tenants, too.</param>
/// <param name="RabbitMq">The broker of the events and commands.</param>
/// <param name="Target">The target that this worker executes, as <c>kind:id</c>.</param>
internal sealed record WorkerSettings(Uri Api, string ApiKey, string Tenant, Uri RabbitMq, string Target)
{
    public static WorkerSettings From(IConfiguration environment) => new(
        new Uri(environment["RUNS_URL"] ?? "http://127.0.0.1:8080"),
        environment["RUNS_API_KEY"] ?? throw new InvalidOperationException("Set RUNS_API_KEY."),
        environment["RUNS_TENANT"] ?? "dev",
        new Uri(environment["RABBITMQ_URL"] ?? "amqp://guest:guest@127.0.0.1:5672"),
        environment["WORKER_TARGET"] ?? "agent:echo");
}
