using System.Diagnostics;

namespace Runs.TestEnvironment;

/// <summary>
/// A .NET program in its own process, with redirected standard streams. It is killed when it is disposed of.
/// </summary>
public sealed class DotnetProcess : IAsyncDisposable
{
    private readonly Process _process;

    private DotnetProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public StreamWriter StandardInput => _process.StandardInput;

    /// <summary>The processor time since the start, in seconds.</summary>
    public double CpuSeconds => ProcessStatistics.CpuSeconds(Id);

    /// <summary>The resident memory in bytes.</summary>
    public long ResidentMemory => ProcessStatistics.ResidentMemory(Id);

    /// <summary>
    /// The largest resident memory since the start or the last <see cref="ResetPeakMemory"/>, in bytes.
    /// </summary>
    public long PeakMemory => ProcessStatistics.PeakResidentMemory(Id);

    /// <summary>Starts the program.</summary>
    /// <param name="arguments">The arguments of <c>dotnet</c>: the assembly comes first.</param>
    /// <param name="environment">Added to the environment of this process; a variable that is null is removed.</param>
    /// <param name="onOutput">Receives the lines of standard output.</param>
    /// <param name="onError">Receives the lines of standard error.</param>
    public static DotnetProcess Start(
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?> environment,
        Action<string>? onOutput = null,
        Action<string>? onError = null)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment)
        {
            if (value is null)
            {
                start.Environment.Remove(name);
            }
            else
            {
                start.Environment[name] = value;
            }
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Forward(line, onOutput);
        process.ErrorDataReceived += (_, line) => Forward(line, onError);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new DotnetProcess(process);
    }

    /// <summary>Restarts the measurement of <see cref="PeakMemory"/>.</summary>
    public void ResetPeakMemory() => ProcessStatistics.ResetPeakMemory(Id);

    /// <summary>
    /// Ends the process as <c>kill -9</c> does, even if it is suspended, and waits until it has exited.
    /// </summary>
    public async Task Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>Sends SIGTERM, as an orchestrator does, and waits until the process has exited.</summary>
    public async Task Terminate()
    {
        if (!_process.HasExited)
        {
            await SendSignal("TERM");
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>Stops the execution; connections stay open.</summary>
    public Task Suspend() => SendSignal("STOP");

    /// <summary>Continues the execution.</summary>
    public Task Resume() => SendSignal("CONT");

    public async ValueTask DisposeAsync()
    {
        await Kill();
        _process.Dispose();
    }

    private static void Forward(DataReceivedEventArgs line, Action<string>? receiver)
    {
        if (line.Data is { } text)
        {
            receiver?.Invoke(text);
        }
    }

    private async Task SendSignal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{Id}"]);
        await kill.WaitForExitAsync();
    }
}
