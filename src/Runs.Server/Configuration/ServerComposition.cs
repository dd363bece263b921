namespace Runs.Server.Configuration;

/// <summary>The composition of a process, as its settings determine it.</summary>
internal sealed record ServerComposition(
    Role Role, RabbitMqConnectionSettings? RabbitMq, MongoConnectionSettings? MongoDb, string DataDirectory)
{
    public bool HostsApi => Role is Role.All or Role.Api;

    public bool HostsLifecycle => Role is Role.All or Role.Lifecycle;

    /// <summary>Determines the composition from <see cref="ServerSettings"/>.</summary>
    /// <exception cref="InvalidSettingException">
    /// A setting is not valid, or the settings contradict each other.
    /// </exception>
    public static ServerComposition From(IConfiguration configuration, bool isDevelopment)
    {
        var settings = ServerSettings.From(configuration);
        var composition = new ServerComposition(
            settings.Role,
            ReadSetting(() => RabbitMqConnectionSettings.From(settings)),
            ReadSetting(() => MongoConnectionSettings.From(settings, isDevelopment)),
            settings.DataDirectory);

        return composition is { Role: not Role.All, RabbitMq: null } or { Role: not Role.All, MongoDb: null }
            ? throw new InvalidSettingException(
                $"Role {composition.Role} shares its work with other processes: "
                + "set ConnectionStrings:RabbitMq and ConnectionStrings:MongoDb, or use role All.")
            : composition;
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
            throw new InvalidSettingException(exception.Message, exception);
        }
    }
}
