using Runs.Bench;

return args switch
{
    ["bench", .. var options] => await Runs.Bench.Bench.BenchmarkCommand.Run(options),
    ["soak", .. var options] => await Runs.Bench.Bench.SoakCommand.Run(options),
    ["streams", .. var options] => await StreamsCommand.Run(options),
    ["trees", .. var options] => await TreesCommand.Run(options),
    ["torture", .. var options] => await Runs.Bench.Torture.FaultInjectionCommand.Run(options),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: bench | torture | soak [number of runs] | streams [number of streams] | trees [number of runs]   (bench --help, torture --help)");
    return 2;
}
