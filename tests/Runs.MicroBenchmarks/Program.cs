using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Runs.MicroBenchmarks;

// In this process: BenchmarkDotNet's own build does not know the repository's output directory.
var job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance);
var config = ManualConfig.CreateEmpty()
    .AddJob(args.Contains("--quick") ? job.WithWarmupCount(2).WithIterationCount(3) : job.WithWarmupCount(5).WithIterationCount(15))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddExporter(MarkdownExporter.GitHub)
    .AddLogger(ConsoleLogger.Default)
    .WithArtifactsPath(Path.Combine("artifacts", "bench-parts"))
    .WithOptions(ConfigOptions.JoinSummary | ConfigOptions.DisableOptimizationsValidator);
var selection = args.Where(argument => argument != "--quick").DefaultIfEmpty("--filter").ToList();
if (selection is ["--filter"])
{
    selection.Add("*");
}

BenchmarkSwitcher.FromAssembly(typeof(CanonicalJsonBenchmarks).Assembly).Run([.. selection], config);
