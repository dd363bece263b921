using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Runs.Worker;

namespace Runs.FaultInjection.WorkerProcesses;

/// <summary>
/// A worker in its own process, which can be killed, stopped and asked to end. It executes <see cref="StepHandler"/>
/// with the package Runs.Worker, and writes a record of each of its calls to its standard output.
/// </summary>
internal static class WorkerCommand
{
    public static Command Create()
    {
        var name = new Option<string>("--name") { Required = true, Description = "The name in the history." };
        var key = new Option<string>("--key") { Required = true, Description = "The key of the worker." };
        var target = new Option<string>("--target") { Required = true, Description = "The target that it executes." };
        var slots = new Option<int>("--slots") { Required = true, Description = "The number of runs at the same time." };
        var lease = new Option<int>("--lease") { Required = true, Description = "The duration of the leases in seconds." };
        var ignoresStop = new Option<bool>("--ignores-stop") { Description = "Handlers write until the server rejects it." };
        var command = new Command("worker", "Executes runs of torture in its own process; torture starts it.")
        {
            name, key, target, slots, lease, ignoresStop,
        };
        command.Hidden = true;
        command.SetAction((result, cancellationToken) => Run(
            result.GetRequiredValue(name),
            builder => builder.Handle<StepConfig>(result.GetRequiredValue(target), new StepHandler(result.GetValue(ignoresStop)).Handle),
            options =>
            {
                options.WorkerKey = result.GetRequiredValue(key);
                options.MaxConcurrentRuns = result.GetRequiredValue(slots);
                options.Lease = TimeSpan.FromSeconds(result.GetRequiredValue(lease));
                options.ShutdownGrace = TimeSpan.FromSeconds(3);
                options.ClaimWait = TimeSpan.FromSeconds(10);
            },
            cancellationToken));
        return command;
    }

    private static async Task Run(
        string name,
        Action<RunsWorkerBuilder> addHandlers,
        Action<RunsWorkerOptions> configure,
        CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(new RecordWriter(name));
        builder.Services.AddTransient<RecordingHandler>();
        builder.Services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler<RecordingHandler>());
        builder.Services.AddRunsWorker(worker =>
        {
            addHandlers(worker);
            worker.Configure(configure);
        });
        await builder.Build().RunAsync(cancellationToken);
    }
}
