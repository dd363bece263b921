using MongoDB.Driver;

namespace Runs.EndToEnd.Tests;

/// <summary>The server on RabbitMQ and MongoDB, with a virtual host and a database of its own.</summary>
public sealed class ContainerStack(Containers containers) : Stack
{
    /// <summary>The virtual host, for publishers that do not use MassTransit.</summary>
    public Uri RabbitMq { get; private set; } = null!;

    /// <summary>The database, for people who look inside.</summary>
    public MongoUrl MongoDb { get; private set; } = null!;

    protected override async Task<Dictionary<string, string?>> Settings()
    {
        RabbitMq = new Uri(await containers.NewVirtualHost());
        MongoDb = new MongoUrl(containers.NewDatabase());
        return new Dictionary<string, string?>
        {
            ["ConnectionStrings:RabbitMq"] = RabbitMq.ToString(),
            ["ConnectionStrings:MongoDb"] = MongoDb.ToString(),
        };
    }
}
