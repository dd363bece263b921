using Runs.Bench;

return args switch
{
    ["bench", .. var options] => await Runs.Bench.Bench.BenchCommand.Run(options),
    ["streams", .. var options] => await StreamsCommand.Run(options),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: streams [number of streams]");
    return 2;
}
