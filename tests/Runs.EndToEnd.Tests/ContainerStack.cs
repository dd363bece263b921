using MongoDB.Driver;

namespace Runs.EndToEnd.Tests;

/// <summary>The server on RabbitMQ and MongoDB, with a virtual host and a database of its own.</summary>
public class ContainerStack(Containers containers) : Stack
{
    /// <summary>A queue that replies may go to because the settings say so.</summary>
    public const string ReplyQueue = "billing-replies";

    /// <summary>The virtual host, for publishers that do not use MassTransit.</summary>
    public Uri RabbitMq { get; private set; } = null!;

    /// <summary>The virtual host, for executors.</summary>
    public Uri ForWorkers => Containers.As(BrokerUsers.Worker, RabbitMq.ToString());

    /// <summary>The virtual host, for whoever looks after it.</summary>
    public Uri ForOperators => Containers.As(null, RabbitMq.ToString());

    /// <summary>The database, for people who look inside.</summary>
    public MongoUrl MongoDb { get; private set; } = null!;

    /// <summary>The names of all exchanges and queues.</summary>
    public Task<IReadOnlyList<string>> Entities() => containers.Entities(RabbitMq.AbsolutePath.Trim('/'));

    protected override async Task<Dictionary<string, string?>> Settings()
    {
        var service = await containers.NewVirtualHost();
        RabbitMq = Containers.As(BrokerUsers.Publisher, service);
        MongoDb = new MongoUrl(containers.NewDatabase());
        return new Dictionary<string, string?>
        {
            ["ConnectionStrings:RabbitMq"] = service,
            ["ConnectionStrings:MongoDb"] = MongoDb.ToString(),
            ["Broker:ReplyQueues:0"] = ReplyQueue,
        };
    }
}
