using Runs.Server;
using Runs.Store;

try
{
    return args switch
    {
        ["keys", .. var command] => await KeysCommand.Run(command),
        ["health", var address] => await HealthCommand.Ask(address),
        _ => await Serve(args),
    };
}
catch (Exception exception) when (SettingsErrors.Of(exception) is { Count: > 0 } errors)
{
    foreach (var error in errors)
    {
        await Console.Error.WriteLineAsync(args is ["keys", ..] ? $"Wrong settings: {error}" : $"Runs cannot start: {error}");
    }

    return SettingsErrors.ExitCode;
}
catch (StoreUnavailableException away) when (args is ["keys", ..])
{
    await Console.Error.WriteLineAsync(away.Message);
    return 1;
}

static async Task<int> Serve(string[] args)
{
    await RunsServer.Build(args).RunAsync();
    return Environment.ExitCode; // other than 0 when it ended by itself, to be started again
}
