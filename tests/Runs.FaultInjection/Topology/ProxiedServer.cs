using System.Collections.Concurrent;
using Runs.FaultInjection.Clocks;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Topology;

/// <summary>
/// A server of the deployment under test, with its own proxies between it and the broker and the store. Its log is kept
/// on disk.
/// </summary>
internal sealed class ProxiedServer : IAsyncDisposable
{
    private static readonly TimeSpan RestartTimeout = TimeSpan.FromMinutes(3);

    private readonly ServerProcess _process;
    private readonly StreamWriter _log;
    private readonly string _clockFile;
    private readonly Lock _logLock = new();
    private readonly ConcurrentQueue<int> _unrequestedExitCodes = new();
    private readonly ConcurrentQueue<TimePeriod> _outages = new();
    private double _unavailableSince = double.MaxValue;

    /// <param name="name">The name of the server in logs and reports.</param>
    /// <param name="role">The role of the server.</param>
    /// <param name="services">The broker and the store behind the proxies.</param>
    /// <param name="settings">Additional settings.</param>
    /// <param name="outputDirectory">The directory of the log.</param>
    /// <param name="clusterUrl">
    /// The connection string of a cluster, which the server connects to without a proxy.
    /// </param>
    public ProxiedServer(
        string name,
        string role,
        ServiceEndpoints services,
        IReadOnlyDictionary<string, string> settings,
        string outputDirectory,
        string? clusterUrl)
    {
        Name = name;
        BrokerProxy = new TcpProxy(services.BrokerPort);
        StoreProxy = new TcpProxy(services.StorePort);
        _log = new StreamWriter(Path.Combine(outputDirectory, $"{name}.log"), append: false) { AutoFlush = true };
        var proxied = new ServiceEndpoints(BrokerProxy.Port, StoreProxy.Port);
        _clockFile = Path.Combine(outputDirectory, $"{name}.clock");
        File.Delete(_clockFile);
        var all = settings
            .Concat(ShiftedClockStartup.CreateSettings(_clockFile))
            .ToDictionary(setting => setting.Key, setting => (string?)setting.Value);
        all["Role"] = role;
        all["ConnectionStrings__RabbitMq"] = clusterUrl ?? proxied.BrokerUrl;
        all["ConnectionStrings__MongoDb"] = proxied.StoreUrl();
        _process = new ServerProcess(all, AppendToLog);
    }

    public string Name { get; }

    /// <summary>The proxy between the server and the broker.</summary>
    public TcpProxy BrokerProxy { get; }

    /// <summary>The proxy between the server and the store.</summary>
    public TcpProxy StoreProxy { get; }

    public Uri Address => _process.Address;

    /// <summary>The exit codes of the processes that exited without being asked to.</summary>
    public IReadOnlyCollection<int> UnrequestedExitCodes => _unrequestedExitCodes;

    /// <summary>The resident memory in bytes.</summary>
    public long ResidentMemory => _process.ResidentMemory;

    /// <summary>Starts the server without waiting until it is ready: what it depends on can be away.</summary>
    public Task Start() => _process.Launch();

    /// <summary>Waits until the server takes commands.</summary>
    /// <exception cref="TimeoutException">It does not in time.</exception>
    public async Task WaitUntilReady(TimeSpan timeout)
    {
        try
        {
            await _process.WaitUntilReady(timeout);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{Name} is not ready after {timeout}.", exception);
        }

        MarkAvailable();
    }

    /// <summary>Ends the process as <c>kill -9</c> does.</summary>
    public Task Kill()
    {
        MarkUnavailable();
        return _process.Kill();
    }

    /// <summary>Sends SIGTERM, as an orchestrator does, and waits until the process has exited.</summary>
    /// <returns>How long that took.</returns>
    public Task<TimeSpan> Terminate()
    {
        MarkUnavailable();
        return _process.Terminate();
    }

    /// <summary>Stops the execution of the process; its connections stay open.</summary>
    public Task Freeze()
    {
        MarkUnavailable();
        return _process.Suspend();
    }

    /// <summary>Continues the execution of the process.</summary>
    public async Task Thaw()
    {
        await _process.Resume();
        MarkAvailable();
    }

    /// <summary>Sets the clock of the server's host wrong.</summary>
    public void SetClock(TimeSpan difference) => ShiftedClock.Set(_clockFile, difference);

    /// <summary>Whether the server could not respond at some time of the period.</summary>
    public bool WasUnavailable(double from, double to) =>
        _unavailableSince < to || _outages.Any(outage => outage.From < to && outage.To > from);

    /// <summary>Starts the server again if it has exited without being asked to, as a supervisor does.</summary>
    public async Task RestartIfExited()
    {
        if (_process.UnrequestedExitCode is not { } exitCode)
        {
            return;
        }

        MarkUnavailable();
        _unrequestedExitCodes.Enqueue(exitCode);
        await Start();
        _ = WaitAfterRestart();
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await BrokerProxy.DisposeAsync();
        await StoreProxy.DisposeAsync();
        lock (_logLock)
        {
            _log.Dispose();
        }
    }

    private async Task WaitAfterRestart()
    {
        try
        {
            await WaitUntilReady(RestartTimeout);
        }
        catch (TimeoutException)
        {
            // The checks at the end report a server that is not ready.
        }
    }

    private void MarkUnavailable() => _unavailableSince = Math.Min(_unavailableSince, Clock.ElapsedSeconds);

    private void MarkAvailable()
    {
        if (_unavailableSince < double.MaxValue)
        {
            _outages.Enqueue(new TimePeriod(_unavailableSince, Clock.ElapsedSeconds + 1));
            _unavailableSince = double.MaxValue;
        }
    }

    private void AppendToLog(string line)
    {
        lock (_logLock)
        {
            if (_log.BaseStream is not null)
            {
                _log.WriteLine(line);
            }
        }
    }
}
