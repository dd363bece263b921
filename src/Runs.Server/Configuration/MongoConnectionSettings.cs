using Runs.Api;
using Runs.Store.Mongo;

namespace Runs.Server.Configuration;

/// <summary>
/// The connection settings for MongoDB: the connection string, and the authorities that may have issued the servers'
/// certificates.
/// </summary>
internal sealed partial class MongoConnectionSettings
{
    /// <summary>
    /// The setting with the path of the authorities' certificates (PEM). It overrides <c>tlsCAFile</c> in the
    /// connection string.
    /// </summary>
    public const string CaFileSetting = "MongoDb:CaFile";

    private readonly MongoConnectionString _connection;
    private readonly CertificateAuthorities? _authorities;

    private MongoConnectionSettings(MongoConnectionString connection, CertificateAuthorities? authorities) =>
        (_connection, _authorities) = (connection, authorities);

    /// <summary>Parses <c>ConnectionStrings:MongoDb</c> and reads <c>MongoDb:CaFile</c>.</summary>
    /// <returns>Null if there is no connection string.</returns>
    /// <exception cref="InvalidOperationException">
    /// A setting is not valid. The message names it and does not quote the connection string.
    /// </exception>
    public static MongoConnectionSettings? From(ServerSettings settings, bool isDevelopment)
    {
        if (settings.MongoDbConnectionString is not { } connectionString)
        {
            return settings.MongoDbCaFile is null
                ? null
                : throw new InvalidOperationException($"{CaFileSetting} is set, but {MongoConnectionString.SettingName} is not.");
        }

        var connection = MongoConnectionString.Parse(connectionString);
        if (!connection.VerifiesServerCertificate && !isDevelopment)
        {
            throw new InvalidOperationException(
                $"{MongoConnectionString.SettingName} turns off the verification of the server's certificate (tlsInsecure=true or "
                + "sslVerifyCertificate=false), which only Development accepts. "
                + $"Name the certificate authority in {CaFileSetting} or tlsCAFile.");
        }

        var (caFile, setting) = settings.MongoDbCaFile is { } file
            ? (file, CaFileSetting)
            : (connection.CaFile, $"{MongoConnectionString.SettingName}: tlsCAFile");
        if (caFile is null)
        {
            return new MongoConnectionSettings(connection, null);
        }

        return connection.UsesTls
            ? new MongoConnectionSettings(connection, new CertificateAuthorities(caFile, setting))
            : throw new InvalidOperationException(
                $"{setting} names a certificate authority, and {MongoConnectionString.SettingName} does not use TLS: add tls=true.");
    }

    public void AddStore(IServiceCollection services) =>
        services.AddMongoRunStore(
            _connection,
            _authorities is null ? null : _authorities.Verify,
            ApiServiceCollectionExtensions.GetTenantShare);

    /// <summary>Logs warnings about options of the connection string that have no effect or are insecure.</summary>
    public void LogWarnings(ILogger logger, bool isProduction)
    {
        if (isProduction && _connection.IsUnencryptedOverNetwork)
        {
            LogUnencrypted(logger, MongoConnectionString.SettingName);
        }

        if (_connection.UnknownOptions is { Count: > 0 } unknown)
        {
            LogUnknownOptions(logger, MongoConnectionString.SettingName, string.Join(", ", unknown));
        }

        if (!_connection.VerifiesServerCertificate && _authorities is null)
        {
            LogUnverified(logger, MongoConnectionString.SettingName);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Setting} has options that the .NET driver does not know; they have no effect: {Options}")]
    private static partial void LogUnknownOptions(ILogger logger, string setting, string options);

    [LoggerMessage(LogLevel.Warning, "{Setting} does not use TLS: the password and all runs are sent unencrypted. Add tls=true")]
    private static partial void LogUnencrypted(ILogger logger, string setting);

    [LoggerMessage(LogLevel.Warning, "{Setting} turns off the verification of the server's certificate. Use it in Development only")]
    private static partial void LogUnverified(ILogger logger, string setting);
}
