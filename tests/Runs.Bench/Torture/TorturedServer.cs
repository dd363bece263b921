using System.Collections.Concurrent;
using System.Diagnostics;
using Runs.Server;

namespace Runs.Bench.Torture;

/// <summary>
/// One process of the deployment under torture, with proxies of its own between it and the rest. What it logs is kept on disk. It is never waited for: what it
/// depends on may be away.
/// </summary>
internal sealed class TorturedServer : IAsyncDisposable
{
    private readonly Dictionary<string, string> _settings;
    private readonly StreamWriter _log;
    private readonly ConcurrentQueue<int> _ownEnds = new();
    private readonly ConcurrentQueue<(double From, double To)> _away = new();
    private Process? _process;
    private double _awaySince = double.MaxValue;

    public TorturedServer(
        string name, string role, int broker, string store, IReadOnlyDictionary<string, string> settings, string folder, string? brokers = null)
    {
        Name = name;
        Broker = new Proxy(broker);
        Store = new Proxy(new Uri(store).Port);
        _log = new StreamWriter(Path.Combine(folder, $"{name}.log"), append: false) { AutoFlush = true };
        _settings = new Dictionary<string, string>(settings)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Logging__LogLevel__Default"] = "Warning",
            ["Role"] = role,
            ["ConnectionStrings__RabbitMq"] = brokers ?? $"amqp://guest:guest@127.0.0.1:{Broker.Port}/",
            ["ConnectionStrings__MongoDb"] = new UriBuilder(store) { Port = Store.Port }.ToString(),
        };
    }

    public string Name { get; }

    /// <summary>Between it and the broker.</summary>
    public Proxy Broker { get; }

    /// <summary>Between it and the store.</summary>
    public Proxy Store { get; }

    public Uri Address { get; } = new($"http://127.0.0.1:{Container.FreePort()}");

    /// <summary>How it ended although nobody ended it: its exit codes.</summary>
    public IReadOnlyCollection<int> OwnEnds => _ownEnds;

    /// <summary>Resident memory in bytes.</summary>
    public long Memory => ProcessTimes.MemoryOf(_process!.Id);

    public void Start()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(RunsServer).Assembly.Location, "--urls", Address.ToString()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in _settings)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Log(line.Data);
        process.ErrorDataReceived += (_, line) => Log(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
    }

    /// <summary>Waits until it says that it is ready.</summary>
    public async Task IsReady(TimeSpan patience)
    {
        using var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            try
            {
                if ((await client.GetAsync(new Uri("/health/commands", UriKind.Relative))).IsSuccessStatusCode)
                {
                    Returned();
                    return;
                }
            }
            catch (Exception trouble) when (trouble is HttpRequestException or TaskCanceledException && watch.Elapsed < patience)
            {
                continue;
            }

            if (watch.Elapsed >= patience)
            {
                throw new TimeoutException($"{Name} is not ready after {patience}.");
            }
        }
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public Task Kill() => End("KILL");

    /// <summary>Asks it to end, as an orchestrator does.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> Terminate()
    {
        var watch = Stopwatch.StartNew();
        await End("TERM");
        return watch.Elapsed;
    }

    /// <summary>Stops it where it is; its connections stay open.</summary>
    public Task Freeze()
    {
        Left();
        return Signal("STOP");
    }

    public async Task Thaw()
    {
        await Signal("CONT");
        Returned();
    }

    /// <summary>Whether it could not answer at some moment between these two.</summary>
    public bool WasAway(double from, double to) => _awaySince < to || _away.Any(time => time.From < to && time.To > from);

    /// <summary>Says that it answers again.</summary>
    public void Returned()
    {
        if (_awaySince < double.MaxValue)
        {
            _away.Enqueue((_awaySince, Watch.Seconds + 1));
            _awaySince = double.MaxValue;
        }
    }

    /// <summary>Looks whether it lives, and starts it again when it has ended by itself, as whoever supervises it does.</summary>
    public void Supervise()
    {
        if (_process is { HasExited: true } ended)
        {
            Left();
            _ownEnds.Enqueue(ended.ExitCode);
            ended.Dispose();
            Start();
            _ = Return();
        }
    }

    private async Task Return()
    {
        try
        {
            await IsReady(TimeSpan.FromMinutes(3));
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

        await Broker.DisposeAsync();
        await Store.DisposeAsync();
        await _log.DisposeAsync();
    }

    private async Task End(string signal)
    {
        Left();
        var process = _process!;
        _process = null;
        if (signal == "KILL")
        {
            process.Kill(); // also when it is frozen
        }
        else if (!process.HasExited)
        {
            await Signal(signal, process.Id);
        }

        await process.WaitForExitAsync();
        process.Dispose();
    }

    private void Left() => _awaySince = Math.Min(_awaySince, Watch.Seconds);

    private Task Signal(string signal) => Signal(signal, _process!.Id);

    private static async Task Signal(string signal, int pid)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{pid}"]);
        await kill.WaitForExitAsync();
    }

    private void Log(string? line)
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
