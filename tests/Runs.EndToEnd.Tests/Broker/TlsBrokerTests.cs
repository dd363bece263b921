using System.Security.Cryptography.X509Certificates;
using Runs.Tests.Messaging;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// A server on a RabbitMQ with TLS only, on an unusual port, with a certificate of a private authority.
/// </summary>
[Collection(nameof(FaultyContainers))]
public sealed class TlsBrokerTests(ContainerFixture containers)
{
    private const string Configuration = """
        listeners.tcp = none
        listeners.ssl.default = 5672
        ssl_options.cacertfile = /etc/rabbitmq/tls/ca.pem
        ssl_options.certfile = /etc/rabbitmq/tls/server.pem
        ssl_options.keyfile = /etc/rabbitmq/tls/server.key
        loopback_users = none

        """;

    [Fact]
    public async Task Runs_are_created_over_a_verified_connection()
    {
        using var certificates = new TestCertificates();
        // Unlike a temporary subdirectory, the user of the broker can read it.
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), TestRequests.NewId()));
        await Write(folder, certificates);
        await using var broker = await Container.StartRabbitMq(
            "--volume",
            $"{folder.FullName}:/etc/rabbitmq/tls:ro",
            "--volume",
            $"{folder.FullName}/rabbitmq.conf:/etc/rabbitmq/rabbitmq.conf:ro");
        var application = new TlsApplication(
            $"amqps://guest:guest@localhost:{broker.Port}/", certificates.CaFile, containers.NewDatabase());
        await application.InitializeAsync();
        try
        {
            await application.Client.Create(TestRequests.TaskBody());
        }
        finally
        {
            await application.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }

    private static async Task Write(DirectoryInfo folder, TestCertificates certificates)
    {
        using var certificate = certificates.Issue("localhost");
        using var key = certificate.GetECDsaPrivateKey()!;
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "rabbitmq.conf"), Configuration);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "ca.pem"), await File.ReadAllTextAsync(certificates.CaFile));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "server.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "server.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private sealed class TlsApplication(string rabbitMq, string caFile, string mongoDb) : RunsApplication
    {
        protected override Task<Dictionary<string, string?>> CreateSettings() => Task.FromResult(new Dictionary<string, string?>
        {
            ["ConnectionStrings:RabbitMq"] = rabbitMq,
            ["RabbitMq:CaFile"] = caFile,
            ["ConnectionStrings:MongoDb"] = mongoDb,
        });
    }
}
