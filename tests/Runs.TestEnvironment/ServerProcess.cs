using System.Diagnostics;
using System.Globalization;
using Runs.Server;

namespace Runs.TestEnvironment;

/// <summary>A server in a process of its own, as it is in production: what it uses is counted, and it may be killed and started again on the same port.</summary>
public sealed class ServerProcess(Dictionary<string, string> settings) : IAsyncDisposable
{
    private Process? _process;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; } = new($"http://127.0.0.1:{Container.GetFreePort()}");

    /// <summary>Resident memory in bytes.</summary>
    public long ResidentMemory => ProcessStatistics.ResidentMemory(_process!.Id);

    /// <summary>The largest resident memory so far, in bytes.</summary>
    public long PeakResidentMemory => ProcessStatistics.PeakResidentMemory(_process!.Id);

    /// <summary>Seconds of processor time that it has used since it was started.</summary>
    public double CpuSeconds => ProcessStatistics.CpuSeconds(_process!.Id);

    /// <summary>Its process id, for who wants to freeze it.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> Start()
    {
        var watch = Stopwatch.StartNew();
        var start = new ProcessStartInfo("dotnet", [typeof(ServerBuilder).Assembly.Location, "--urls", Address.ToString()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["Logging__LogLevel__Default"] = "Warning" },
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await WaitUntilReady();
        return watch.Elapsed;
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public async Task Kill()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await Kill();
        }
    }

    private async Task WaitUntilReady()
    {
        using var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        for (var deadline = Stopwatch.StartNew(); deadline.Elapsed < TimeSpan.FromMinutes(1);)
        {
            try
            {
                if ((await client.GetAsync(new Uri("/health/commands", UriKind.Relative))).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception trouble) when (trouble is HttpRequestException or TaskCanceledException)
            {
                // not yet
            }

            await Task.Delay(20);
        }

        throw new TimeoutException("The server is not ready after a minute.");
    }
}
