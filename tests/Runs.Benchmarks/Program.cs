using Runs.Benchmarks.Commands;

return args switch
{
    ["bench", .. var options] => await BenchmarkCommand.Run(options),
    ["soak", .. var options] => await SoakCommand.Run(options),
    ["streams", .. var options] => await StreamsCommand.Run(options),
    ["trees", .. var options] => await TreesCommand.Run(options),
    _ => ShowUsage(),
};

static int ShowUsage()
{
    Console.Error.WriteLine("usage: bench | soak [number of runs] | streams [number of streams] | trees [number of runs]   (bench --help)");
    return 2;
}
