using Runs.Bench;

return args switch
{
    ["bench", .. var options] => await Runs.Bench.Bench.BenchCommand.Run(options),
    ["streams", .. var options] => await StreamsCommand.Run(options),
    ["torture", .. var options] => await Runs.Bench.Torture.TortureCommand.Run(options),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: bench | torture | streams [number of streams]   (bench --help, torture --help)");
    return 2;
}
