using System.Diagnostics;

namespace Runs.EndToEnd.Tests;

[Collection(nameof(FaultyContainers))]
public sealed class MassTransitSampleWorkerTests(ContainerApplication application)
    : SampleWorkerTests(application, "masstransit-worker"), IClassFixture<ContainerApplication>
{
    protected override Task<ProcessStartInfo> Command() =>
        Task.FromResult(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Runs.Samples.MassTransitWorker.dll")]));
}
