using System.Diagnostics;
using Runs.Benchmarks.Commands;
using Runs.Benchmarks.Subjects;
using Runs.Benchmarks.Wire;

namespace Runs.Benchmarks.Measurements.Execution;

/// <summary>
/// A Runs server whose processor time, memory and commands to the store are read while it works. The commands are
/// counted by a proxy, whose own work is in the process of the benchmark.
/// </summary>
internal sealed class ObservedServer : IAsyncDisposable
{
    private readonly BenchmarkEnvironment _environment;
    private readonly CountingProxy _store;

    private ObservedServer(BenchmarkEnvironment environment, CountingProxy store, BenchmarkSubject subject) =>
        (_environment, _store, Subject) = (environment, store, subject);

    public BenchmarkSubject Subject { get; }

    /// <summary>Starts a server with its own virtual host and database.</summary>
    public static async Task<ObservedServer> Start(
        BenchmarkEnvironment environment, string name, CancellationToken cancellationToken)
    {
        var services = await environment.CreateVirtualHost(name);
        var store = new CountingProxy(services.StorePort, fromClient => new MongoMessageReader(fromClient));
        try
        {
            var subject = await BenchmarkSubject.Start(
                new SubjectOptions(BenchmarkSubject.RunsServer, services with { StorePort = store.Port })
                {
                    Database = name.Replace('-', '_'),
                },
                cancellationToken);
            return new ObservedServer(environment, store, subject);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Observes the server as often as there are rounds, each time for a time.</summary>
    public async Task<List<ServerWindow>> ObserveRounds(
        string load, int rounds, TimeSpan duration, CancellationToken cancellationToken)
    {
        var windows = new List<ServerWindow>();
        while (windows.Count < rounds)
        {
            windows.Add(await Observe(duration, cancellationToken));
            var (store, cores) = (windows[^1].Store, windows[^1].Cores);
            Progress.Write($"{load}: {store.ReadsPerSecond:0.0} reads/s, {store.WritesPerSecond:0.0} writes/s");
            Progress.Write($"  {cores:0.000} cores, {windows[^1].Bytes / 1e6:0} MB");
        }

        return windows;
    }

    /// <summary>Observes the server for a time.</summary>
    public Task<ServerWindow> Observe(TimeSpan duration, CancellationToken cancellationToken) =>
        ObserveDuring(() => Task.Delay(duration, cancellationToken));

    /// <summary>Observes the server during an operation.</summary>
    public async Task<ServerWindow> ObserveDuring(Func<Task> operation)
    {
        var storeCpu = await _environment.Store.GetCpuSeconds();
        var watch = Stopwatch.StartNew();
        var (counts, cpu) = (_store.Counts, Subject.Process.CpuSeconds);
        await operation();
        var seconds = watch.Elapsed.TotalSeconds;
        return new ServerWindow(
            StoreTraffic.Between(counts, _store.Counts, seconds),
            (Subject.Process.CpuSeconds - cpu) / seconds,
            (await _environment.Store.GetCpuSeconds() - storeCpu) / seconds,
            Subject.Process.ResidentMemory);
    }

    public async ValueTask DisposeAsync()
    {
        await Subject.DisposeAsync();
        await _store.DisposeAsync();
    }
}
