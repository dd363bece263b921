using Runs.Server;

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
        await Console.Error.WriteLineAsync($"Runs cannot start: {error}");
    }

    return SettingsErrors.ExitCode;
}

static async Task<int> Serve(string[] args)
{
    await RunsServer.Build(args).RunAsync();
    return Environment.ExitCode; // other than 0 when it ended by itself, to be started again
}
