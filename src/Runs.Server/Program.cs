using Runs.Server;
using Runs.Store;

try
{
    return await CommandLine.Execute(args, RunServer);
}
catch (Exception exception) when (SettingsErrors.FromException(exception) is { Count: > 0 } errors)
{
    foreach (var error in errors)
    {
        await Console.Error.WriteLineAsync(args is ["keys", ..] ? $"Invalid setting: {error}" : $"Runs cannot start: {error}");
    }

    return SettingsErrors.ExitCode;
}
catch (StoreUnavailableException exception) when (args is ["keys", ..])
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

static async Task<int> RunServer(string[] settings)
{
    await ServerBuilder.Build(settings).RunAsync();
    return Environment.ExitCode; // not 0 if the watchdog requested a restart
}
