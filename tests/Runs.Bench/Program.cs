using Runs.Bench;

return args switch
{
    ["streams", .. var options] => await StreamsCommand.Run(options),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: streams [number of streams]");
    return 2;
}
