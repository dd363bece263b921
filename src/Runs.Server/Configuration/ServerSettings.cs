namespace Runs.Server.Configuration;

/// <summary>The settings of the whole process, outside the sections.</summary>
internal sealed class ServerSettings
{
    /// <summary>
    /// The parts that the process hosts. <c>all</c> hosts both in one process. <c>api</c> serves HTTP, and
    /// <c>lifecycle</c> handles commands and serves the health endpoints only: both need RabbitMQ and MongoDB.
    /// </summary>
    public Role Role { get; init; } = Role.All;

    /// <summary>
    /// The addresses that the server listens on, separated by semicolons. <c>Kestrel__Endpoints__…</c> overrides them.
    /// </summary>
    [ConfigurationKeyName("urls")]
    public string Urls { get; init; } = "http://127.0.0.1:8080";

    /// <summary>
    /// The broker: <c>amqps://user:password@host/vhost</c>, or with the nodes of a cluster
    /// <c>amqps://user:password@a,b,c:5671/vhost</c>. <c>amqps://</c> is TLS 1.2 or later on any port; the certificate
    /// of each node must be valid for its host name. Without it, the broker is in the process.
    /// </summary>
    [ConfigurationKeyName(Messaging.RabbitMqConnectionString.SettingName)]
    public string? RabbitMqConnectionString { get; init; }

    /// <summary>
    /// A PEM file with the certificate authorities that are trusted to issue the broker's certificate. Without it, the
    /// system's authorities are trusted. It needs <c>amqps://</c>.
    /// </summary>
    [ConfigurationKeyName(RabbitMqTls.CaFileSetting)]
    public string? RabbitMqCaFile { get; init; }

    /// <summary>
    /// The store: <c>mongodb://host/database</c>, with options. Without it, runs are stored in an SQLite file.
    /// <c>tlsInsecure=true</c> is accepted in Development only.
    /// </summary>
    [ConfigurationKeyName(Store.Mongo.MongoConnectionString.SettingName)]
    public string? MongoDbConnectionString { get; init; }

    /// <summary>
    /// A PEM file with the certificate authorities that are trusted to issue the certificates of the MongoDB servers.
    /// It needs TLS, and overrides <c>tlsCAFile</c> in the connection string. Without both, the system's authorities
    /// are trusted.
    /// </summary>
    [ConfigurationKeyName(MongoConnectionSettings.CaFileSetting)]
    public string? MongoDbCaFile { get; init; }

    /// <summary>
    /// The directory of the SQLite file. It is created with access for its owner only. If it is removed while the
    /// process runs, the process waits until it is back; a restart creates an empty one.
    /// </summary>
    [ConfigurationKeyName("Sqlite:DataDirectory")]
    public string DataDirectory { get; init; } = ".data";

    /// <summary>
    /// A directory whose files are settings, such as a file <c>ConnectionStrings__MongoDb</c>. It is read when the
    /// process starts. Environment variables override the files.
    /// </summary>
    [ConfigurationKeyName("Secrets:Directory")]
    public string SecretsDirectory { get; init; } = "/run/secrets";

    /// <summary>Reads the settings. An empty text counts as absent.</summary>
    /// <exception cref="InvalidOperationException">
    /// A value cannot be converted; the message names the setting.
    /// </exception>
    public static ServerSettings From(IConfiguration configuration)
    {
        var defaults = new ServerSettings();
        var settings = configuration.Get<ServerSettings>() ?? defaults;
        return new ServerSettings
        {
            Role = settings.Role,
            Urls = NullIfEmpty(settings.Urls) ?? defaults.Urls,
            RabbitMqConnectionString = NullIfEmpty(settings.RabbitMqConnectionString),
            RabbitMqCaFile = NullIfEmpty(settings.RabbitMqCaFile),
            MongoDbConnectionString = NullIfEmpty(settings.MongoDbConnectionString),
            MongoDbCaFile = NullIfEmpty(settings.MongoDbCaFile),
            DataDirectory = NullIfEmpty(settings.DataDirectory) ?? defaults.DataDirectory,
            SecretsDirectory = NullIfEmpty(settings.SecretsDirectory) ?? defaults.SecretsDirectory,
        };
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
