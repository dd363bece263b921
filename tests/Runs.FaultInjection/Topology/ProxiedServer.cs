using System.Collections.Concurrent;
using System.Diagnostics;
using Runs.Server;
using Runs.TestEnvironment;

namespace Runs.FaultInjection.Topology;

/// <summary>
/// One process of the deployment under torture, with proxies of its own between it and the rest. What it logs is kept on disk. It is never waited for: what it
/// depends on may be away.
/// </summary>
internal sealed class ProxiedServer : IAsyncDisposable
{
    private readonly Dictionary<string, string> _settings;
    private readonly StreamWriter _log;
    private readonly ConcurrentQueue<int> _unrequestedExitCodes = new();
    private readonly ConcurrentQueue<(double From, double To)> _outages = new();
    private Process? _process;
    private double _unavailableSince = double.MaxValue;

    public ProxiedServer(
        string name, string role, int brokerPort, string storeUrl, IReadOnlyDictionary<string, string> settings, string outputDirectory, string? clusterUrl = null)
    {
        Name = name;
        BrokerProxy = new TcpProxy(brokerPort);
        StoreProxy = new TcpProxy(new Uri(storeUrl).Port);
        _log = new StreamWriter(Path.Combine(outputDirectory, $"{name}.log"), append: false) { AutoFlush = true };
        _settings = new Dictionary<string, string>(settings)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Logging__LogLevel__Default"] = "Warning",
            ["Role"] = role,
            ["ConnectionStrings__RabbitMq"] = clusterUrl ?? $"amqp://guest:guest@127.0.0.1:{BrokerProxy.Port}/",
            ["ConnectionStrings__MongoDb"] = new UriBuilder(storeUrl) { Port = StoreProxy.Port }.ToString(),
        };
    }

    public string Name { get; }

    /// <summary>Between it and the broker.</summary>
    public TcpProxy BrokerProxy { get; }

    /// <summary>Between it and the store.</summary>
    public TcpProxy StoreProxy { get; }

    public Uri Address { get; } = new($"http://127.0.0.1:{Container.GetFreePort()}");

    /// <summary>How it ended although nobody ended it: its exit codes.</summary>
    public IReadOnlyCollection<int> UnrequestedExitCodes => _unrequestedExitCodes;

    /// <summary>Resident memory in bytes.</summary>
    public long ResidentMemory => ProcessStatistics.ResidentMemory(_process!.Id);

    public void Start()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ServerBuilder).Assembly.Location, "--urls", Address.ToString()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in _settings)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => AppendToLog(line.Data);
        process.ErrorDataReceived += (_, line) => AppendToLog(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
    }

    /// <summary>Waits until it says that it is ready.</summary>
    public async Task WaitUntilReady(TimeSpan timeout)
    {
        using var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            try
            {
                if ((await client.GetAsync(new Uri("/health/commands", UriKind.Relative))).IsSuccessStatusCode)
                {
                    MarkAvailable();
                    return;
                }
            }
            catch (Exception trouble) when (trouble is HttpRequestException or TaskCanceledException && watch.Elapsed < timeout)
            {
                continue;
            }

            if (watch.Elapsed >= timeout)
            {
                throw new TimeoutException($"{Name} is not ready after {timeout}.");
            }
        }
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public Task Kill() => Stop("KILL");

    /// <summary>Asks it to end, as an orchestrator does.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> Terminate()
    {
        var watch = Stopwatch.StartNew();
        await Stop("TERM");
        return watch.Elapsed;
    }

    /// <summary>Stops it where it is; its connections stay open.</summary>
    public Task Freeze()
    {
        MarkUnavailable();
        return SendSignal("STOP");
    }

    public async Task Thaw()
    {
        await SendSignal("CONT");
        MarkAvailable();
    }

    /// <summary>Whether it could not answer at some moment between these two.</summary>
    public bool WasUnavailable(double from, double to) => _unavailableSince < to || _outages.Any(time => time.From < to && time.To > from);

    /// <summary>Says that it answers again.</summary>
    public void MarkAvailable()
    {
        if (_unavailableSince < double.MaxValue)
        {
            _outages.Enqueue((_unavailableSince, Clock.ElapsedSeconds + 1));
            _unavailableSince = double.MaxValue;
        }
    }

    /// <summary>Looks whether it lives, and starts it again when it has ended by itself, as whoever supervises it does.</summary>
    public void RestartIfExited()
    {
        if (_process is { HasExited: true } ended)
        {
            MarkUnavailable();
            _unrequestedExitCodes.Enqueue(ended.ExitCode);
            ended.Dispose();
            Start();
            _ = WaitAfterRestart();
        }
    }

    private async Task WaitAfterRestart()
    {
        try
        {
            await WaitUntilReady(TimeSpan.FromMinutes(3));
        }
        catch (TimeoutException)
        {
            // whoever looks at the end sees it
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await Kill();
        }

        await BrokerProxy.DisposeAsync();
        await StoreProxy.DisposeAsync();
        await _log.DisposeAsync();
    }

    private async Task Stop(string signal)
    {
        MarkUnavailable();
        var process = _process!;
        _process = null;
        if (signal == "KILL")
        {
            process.Kill(); // also when it is frozen
        }
        else if (!process.HasExited)
        {
            await SendSignal(signal, process.Id);
        }

        await process.WaitForExitAsync();
        process.Dispose();
    }

    private void MarkUnavailable() => _unavailableSince = Math.Min(_unavailableSince, Clock.ElapsedSeconds);

    private Task SendSignal(string signal) => SendSignal(signal, _process!.Id);

    private static async Task SendSignal(string signal, int pid)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{pid}"]);
        await kill.WaitForExitAsync();
    }

    private void AppendToLog(string? line)
    {
        if (line is not null)
        {
            lock (_log)
            {
                if (_log.BaseStream is not null)
                {
                    _log.WriteLine(line);
                }
            }
        }
    }
}
