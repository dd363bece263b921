using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Runs.Benchmarks.Load;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Targets;

/// <summary>A server that is measured, in a process of its own. It ends with this program, however that ends.</summary>
internal sealed class TargetProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errorOutput = new();
    private TaskCompletionSource<string> _counters = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TargetProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>How long the start took until the first request was answered well.</summary>
    public TimeSpan StartupDuration { get; private set; }

    /// <summary>Seconds of processor time since its start.</summary>
    public double CpuSeconds => ProcessStatistics.CpuSeconds(_process.Id);

    /// <summary>The largest resident memory since the start or the last <see cref="ResetPeakMemory"/>, in bytes.</summary>
    public long PeakMemory => ProcessStatistics.PeakResidentMemory(_process.Id);

    /// <summary>Starts <paramref name="program"/> on <paramref name="port"/> and asks until <paramref name="firstRequest"/> is answered with <paramref name="expected"/>.</summary>
    public static async Task<TargetProcess> Start(
        string program, string[] arguments, IReadOnlyDictionary<string, string> settings, int port, RequestTemplate firstRequest, int expected, CancellationToken cancellationToken)
    {
        // All of them with the runtime settings of the real server: the garbage collector weighs more than much of the code.
        var settingsOfRuntime = Path.Combine(Path.GetDirectoryName(ResolvePath(program))!, "Runs.Server.runtimeconfig.json");
        var start = new ProcessStartInfo("dotnet", ["exec", "--runtimeconfig", settingsOfRuntime, ResolvePath(program), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DOTNET_STARTUP_HOOKS"] = typeof(TargetProcess).Assembly.Location,
                ["Logging__LogLevel__Default"] = "Warning",
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
            },
        };
        start.Environment.Remove(LoadGenerator.InlineCompletionsVariable);
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var watch = Stopwatch.StartNew();
        var subject = new TargetProcess(Process.Start(start)!, port);
        try
        {
            subject.StartReadingOutput();
            await subject.WaitUntilReady(firstRequest, expected, cancellationToken);
            subject.StartupDuration = watch.Elapsed;
            return subject;
        }
        catch
        {
            await subject.DisposeAsync();
            throw;
        }
    }

    /// <summary>Bytes that it has allocated since its start, and milliseconds that its threads stood still for the garbage collector.</summary>
    public async Task<(long Allocated, double Pauses)> ReadCounters()
    {
        _counters = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _process.StandardInput.WriteAsync('\n');
        await _process.StandardInput.FlushAsync();
        var numbers = (await _counters.Task.WaitAsync(TimeSpan.FromSeconds(10))).Split(' ');
        return (long.Parse(numbers[0], CultureInfo.InvariantCulture), double.Parse(numbers[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Lets the kernel count the largest memory anew.</summary>
    public void ResetPeakMemory() => File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5");

    /// <summary>Waits until it has nothing left to do, so that what it put off is counted as its own and disturbs nobody who is measured next.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> WaitUntilIdle(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromSeconds(30))
        {
            var (before, since) = (CpuSeconds, watch.Elapsed);
            await Task.Delay(250, cancellationToken);
            if (CpuSeconds - before <= 0.02)
            {
                return since;
            }
        }

        return watch.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string ResolvePath(string file) => Path.Combine(AppContext.BaseDirectory, file);

    private void StartReadingOutput()
    {
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith(StartupHook.CountersPrefix, StringComparison.Ordinal) == true)
            {
                _counters.TrySetResult(line.Data[StartupHook.CountersPrefix.Length..]);
            }
            else if (_errorOutput.Length < 4096)
            {
                _errorOutput.AppendLine(line.Data);
            }
        };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private async Task WaitUntilReady(RequestTemplate firstRequest, int expected, CancellationToken cancellationToken)
    {
        var request = firstRequest.CreateRenderer();
        for (var deadline = Stopwatch.StartNew(); deadline.Elapsed < TimeSpan.FromMinutes(1) && !_process.HasExited;)
        {
            try
            {
                using var caller = await RawHttpConnection.Connect(Port, cancellationToken);
                if (await caller.Send(request(0), cancellationToken) == expected)
                {
                    return;
                }
            }
            catch (Exception trouble) when (trouble is IOException or System.Net.Sockets.SocketException)
            {
                // not yet
            }

            await Task.Delay(10, cancellationToken);
        }

        throw new InvalidOperationException($"A server does not answer with {(HttpStatusCode)expected}. {_errorOutput}");
    }
}
