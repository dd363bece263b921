using Runs.TestEnvironment;

namespace Runs.Benchmarks.Measurements;

/// <summary>The broker and the store that all subjects share.</summary>
internal sealed class BenchmarkEnvironment : IAsyncDisposable
{
    private BenchmarkEnvironment(Container broker, Container store)
    {
        (Broker, Store) = (broker, store);
        Sampler = new Sampler([broker], store);
    }

    public Container Broker { get; }

    public Container Store { get; }

    public Sampler Sampler { get; }

    public ServiceEndpoints Services => new(Broker.Port, Store.Port);

    public static async Task<BenchmarkEnvironment> Start()
    {
        var starting = (Broker: Container.StartRabbitMq(), Store: Container.StartMongoDb());
        return new BenchmarkEnvironment(await starting.Broker, await starting.Store);
    }

    /// <summary>
    /// Creates a virtual host of the broker. Subjects on different virtual hosts do not share their queues.
    /// </summary>
    public async Task<ServiceEndpoints> CreateVirtualHost(string name)
    {
        await Broker.Execute("rabbitmqctl", "--quiet", "add_vhost", name);
        await Broker.Execute("rabbitmqctl", "--quiet", "set_permissions", "--vhost", name, "guest", ".*", ".*", ".*");
        return Services with { VirtualHost = name };
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        await Store.DisposeAsync();
    }
}
