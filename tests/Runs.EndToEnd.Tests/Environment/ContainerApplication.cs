using MongoDB.Driver;

namespace Runs.EndToEnd.Tests;

/// <summary>The server on RabbitMQ and MongoDB, with a new virtual host and a new database.</summary>
public class ContainerApplication(ContainerFixture containers) : RunsApplication
{
    /// <summary>A queue that the settings allow as a reply queue.</summary>
    public const string ReplyQueue = "billing-replies";

    /// <summary>The virtual host, for publishers.</summary>
    public Uri RabbitMq { get; private set; } = null!;

    /// <summary>The virtual host, for executors.</summary>
    public Uri WorkerRabbitMq => ContainerFixture.WithUser(BrokerUsers.Worker, RabbitMq.ToString());

    /// <summary>The virtual host, for operators.</summary>
    public Uri OperatorRabbitMq => ContainerFixture.WithUser(null, RabbitMq.ToString());

    /// <summary>The database, for tests that inspect it.</summary>
    public MongoUrl MongoDb { get; private set; } = null!;

    /// <summary>Lists the names of all exchanges and queues.</summary>
    public Task<IReadOnlyList<string>> ListEntities() => containers.ListEntities(RabbitMq.AbsolutePath.Trim('/'));

    protected override async Task<Dictionary<string, string?>> CreateSettings()
    {
        var service = await containers.CreateVirtualHost();
        RabbitMq = ContainerFixture.WithUser(BrokerUsers.Publisher, service);
        MongoDb = new MongoUrl(containers.NewDatabase());
        return new Dictionary<string, string?>
        {
            ["ConnectionStrings:RabbitMq"] = service,
            ["ConnectionStrings:MongoDb"] = MongoDb.ToString(),
            ["Broker:ReplyQueues:0"] = ReplyQueue,
            ["Auth:SigningKey"] = TestTokens.SigningKey,
        };
    }
}
