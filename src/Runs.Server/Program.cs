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
    return 0;
}
