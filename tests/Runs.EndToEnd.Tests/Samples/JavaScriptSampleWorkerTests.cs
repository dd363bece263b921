using System.Diagnostics;

namespace Runs.EndToEnd.Tests;

[Collection(nameof(FaultyContainers))]
public sealed class JavaScriptSampleWorkerTests(ContainerApplication application)
    : SampleWorkerTests(application, "javascript-worker"), IClassFixture<ContainerApplication>
{
    private static readonly NodeScript Worker = new("javascript-worker", "worker.mjs", "samples");

    protected override Task<ProcessStartInfo> Command() => Worker.Command();
}
