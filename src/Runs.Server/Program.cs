using Runs.Server;
using Runs.Store;

try
{
    return args switch
    {
        ["keys", .. var command] => await KeysCommand.Execute(command),
        ["health", var address] => await HealthCommand.Execute(address),
        _ => await RunServer(args),
    };
}
catch (Exception exception) when (SettingsErrors.FromException(exception) is { Count: > 0 } errors)
{
    foreach (var error in errors)
    {
        await Console.Error.WriteLineAsync(args is ["keys", ..] ? $"Wrong settings: {error}" : $"Runs cannot start: {error}");
    }

    return SettingsErrors.ExitCode;
}
catch (StoreUnavailableException exception) when (args is ["keys", ..])
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

static async Task<int> RunServer(string[] args)
{
    await ServerBuilder.Build(args).RunAsync();
    return Environment.ExitCode; // not 0 if the watchdog requested a restart
}
