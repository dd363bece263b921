using System.Diagnostics;

namespace Runs.EndToEnd.Tests;

[Collection(nameof(FaultyContainers))]
public sealed class CSharpSampleWorkerTests(ContainerApplication application)
    : SampleWorkerTests(application, "csharp-worker"), IClassFixture<ContainerApplication>
{
    protected override Task<ProcessStartInfo> Command() =>
        Task.FromResult(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Runs.Samples.Worker.dll")]));
}
