
namespace Runs.Server.Configuration;

/// <summary>The parts that one process hosts.</summary>
internal enum Role
{
    /// <summary>All parts, in one process.</summary>
    All,

    /// <summary>The HTTP API only.</summary>
    Api,

    /// <summary>
    /// The saga, its outbox dispatcher and its scheduler only. HTTP serves only the health endpoints.
    /// </summary>
    Lifecycle,
}

/// <summary>The settings that determine the composition of a process. All other settings belong to its parts.</summary>
internal sealed record ServerOptions(Role Role, RabbitMqConnectionSettings? RabbitMq, MongoConnectionSettings? MongoDb, string DataDirectory)
{
    public bool HostsApi => Role is Role.All or Role.Api;

    public bool HostsLifecycle => Role is Role.All or Role.Lifecycle;

    /// <summary>
    /// Reads <c>Role</c>, <c>ConnectionStrings:RabbitMq</c>, <c>RabbitMq:CaFile</c>, <c>ConnectionStrings:MongoDb</c>,
    /// <c>MongoDb:CaFile</c> and <c>Sqlite:DataDirectory</c>.
    /// </summary>
    /// <exception cref="InvalidSettingException">
    /// A setting is not valid, or the settings contradict each other.
    /// </exception>
    public static ServerOptions From(IConfiguration configuration, bool isDevelopment)
    {
        var options = new ServerOptions(
            configuration.GetValue("Role", Role.All),
            ReadSetting(() => RabbitMqConnectionSettings.From(configuration)),
            ReadSetting(() => MongoConnectionSettings.From(configuration, isDevelopment)),
            configuration["Sqlite:DataDirectory"] is { Length: > 0 } directory ? directory : ".data");

        return options is { Role: not Role.All, RabbitMq: null } or { Role: not Role.All, MongoDb: null }
            ? throw new InvalidSettingException(
                $"Role {options.Role} shares its work with other processes: set ConnectionStrings:RabbitMq and ConnectionStrings:MongoDb, or use role All.")
            : options;
    }

    // The exception message names the setting.
    private static T ReadSetting<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidSettingException(exception.Message);
        }
    }
}
