using Runs.Server.Messaging;

namespace Runs.Server;

/// <summary>What one process does.</summary>
internal enum Role
{
    /// <summary>Everything, in one process.</summary>
    All,

    /// <summary>The HTTP API only.</summary>
    Api,

    /// <summary>The saga, its relay and its timers only; over HTTP it answers for its health.</summary>
    Lifecycle,
}

/// <summary>The settings that decide how a process is put together; the rest belongs to its parts.</summary>
internal sealed record ServerOptions(Role Role, RabbitMqConnectionSettings? RabbitMq, MongoConnectionSettings? MongoDb, string DataDirectory)
{
    public bool RunsApi => Role is Role.All or Role.Api;

    public bool RunsLifecycle => Role is Role.All or Role.Lifecycle;

    /// <summary>Reads <c>Role</c>, <c>ConnectionStrings:RabbitMq</c>, <c>RabbitMq:CaFile</c>, <c>ConnectionStrings:MongoDb</c>, <c>MongoDb:CaFile</c> and
    /// <c>Embedded:DataDirectory</c>.</summary>
    /// <exception cref="WrongSettingException">One is not valid, or they do not go together.</exception>
    public static ServerOptions From(IConfiguration configuration, bool isDevelopment)
    {
        var options = new ServerOptions(
            configuration.GetValue("Role", Role.All),
            Checked(() => RabbitMqConnectionSettings.From(configuration)),
            Checked(() => MongoConnectionSettings.From(configuration, isDevelopment)),
            configuration["Embedded:DataDirectory"] is { Length: > 0 } directory ? directory : ".data");

        return options is { Role: not Role.All, RabbitMq: null } or { Role: not Role.All, MongoDb: null }
            ? throw new WrongSettingException(
                $"Role {options.Role} shares its work with other processes: set ConnectionStrings:RabbitMq and ConnectionStrings:MongoDb, or use role All.")
            : options;
    }

    // The message names the setting.
    private static T Checked<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException invalid)
        {
            throw new WrongSettingException(invalid.Message);
        }
    }
}
