using System.CommandLine;
using Runs.Benchmarks.Commands;

var command = new RootCommand("Measures Runs: docs/benchmarks.md describes what and how.")
{
    BenchmarkCommand.Create(),
    CompareCommand.Create(),
    ClaimSoakCommand.Create(),
    DelayedRunsCommand.Create(),
    SoakCommand.Create(),
    StreamsCommand.Create(),
    SubjectsCommand.Create(),
    TreesCommand.Create(),
};

// After SIGINT or SIGTERM everything that was started is removed before the program exits.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
