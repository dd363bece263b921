namespace Runs.TestEnvironment;

/// <summary>The connection strings of a broker and a store on 127.0.0.1.</summary>
/// <param name="BrokerPort">The port of RabbitMQ.</param>
/// <param name="StorePort">The port of MongoDB.</param>
/// <param name="VirtualHost">The virtual host. Servers of one virtual host share their queues.</param>
public sealed record ServiceEndpoints(int BrokerPort, int StorePort, string VirtualHost = "")
{
    /// <summary>The database of a server that is not measured against others.</summary>
    public const string DefaultDatabase = "runs";

    public string BrokerUrl => $"amqp://guest:guest@127.0.0.1:{BrokerPort}/{VirtualHost}";

    public string StoreUrl(string database = DefaultDatabase) => $"mongodb://127.0.0.1:{StorePort}/{database}?directConnection=true";

    /// <summary>The settings of a server that uses them.</summary>
    public Dictionary<string, string?> ToSettings() => new()
    {
        ["ConnectionStrings:RabbitMq"] = BrokerUrl,
        ["ConnectionStrings:MongoDb"] = StoreUrl(),
    };
}
