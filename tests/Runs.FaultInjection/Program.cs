using System.CommandLine;
using Runs.FaultInjection;
using Runs.FaultInjection.WorkerProcesses;

var command = new RootCommand("Tests Runs under load and faults: docs/reliability.md describes the scenarios.")
{
    FaultInjectionCommand.Create(),
    WorkerCommand.Create(),
};

// A signal ends the program at once; compose/with-docker.sh removes the containers.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
