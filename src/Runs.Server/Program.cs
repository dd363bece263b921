using Runs.Server;

return args switch
{
    ["keys", "create", .. var options] => KeysCommand.Create(options),
    ["health", var address] => await HealthCommand.Ask(address),
    _ => await Serve(args),
};

static async Task<int> Serve(string[] args)
{
    await RunsServer.Build(args).RunAsync();
    return Environment.ExitCode; // other than 0 when it ended by itself, to be started again
}
