using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Runs.Benchmarks.Load;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Subjects;

/// <summary>
/// A server that is measured, in its own process. It exits when this program exits, however that happens.
/// </summary>
internal sealed class SubjectProcess : IAsyncDisposable
{
    private const int MaxErrorOutput = 4096;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(30);

    private readonly DotnetProcess _process;
    private readonly StringBuilder _errorOutput = new();
    private TaskCompletionSource<string> _counters = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SubjectProcess(string program, string[] arguments, IReadOnlyDictionary<string, string?> settings, int port)
    {
        Port = port;

        var runtimeConfig = Path.Combine(Path.GetDirectoryName(program)!, ServerEnvironment.RuntimeConfigFile);
        _process = DotnetProcess.Start(
            ["exec", "--runtimeconfig", runtimeConfig, program, .. arguments],
            new Dictionary<string, string?>(ServerEnvironment.Variables.Concat(settings))
            {
                ["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location,
                [LoadGenerator.InlineCompletionsVariable] = null,
            },
            onError: HandleErrorLine);
    }

    public int Port { get; }

    /// <summary>The time from the start of the process to the first response that shows that it is ready.</summary>
    public TimeSpan StartupDuration { get; private set; }

    /// <summary>The processor time since the start, in seconds.</summary>
    public double CpuSeconds => _process.CpuSeconds;

    /// <summary>The resident memory in bytes.</summary>
    public long ResidentMemory => _process.ResidentMemory;

    /// <summary>
    /// The largest resident memory since the start or the last <see cref="ResetPeakMemory"/>, in bytes.
    /// </summary>
    public long PeakMemory => _process.PeakMemory;

    /// <summary>Starts a program that listens on a port of 127.0.0.1, and waits until it is ready.</summary>
    public static async Task<SubjectProcess> Start(
        string program,
        string[] arguments,
        IReadOnlyDictionary<string, string?> settings,
        int port,
        Readiness readiness,
        CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var subject = new SubjectProcess(program, arguments, settings, port);
        try
        {
            await subject.WaitUntilReady(readiness, cancellationToken);
            subject.StartupDuration = watch.Elapsed;
            return subject;
        }
        catch
        {
            await subject.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks the process for what it has counted since its start.</summary>
    public async Task<ProcessCounters> ReadCounters()
    {
        _counters = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _process.StandardInput.WriteAsync('\n');
        await _process.StandardInput.FlushAsync();
        return ProcessCounters.Parse(await _counters.Task.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    /// <summary>Restarts the measurement of <see cref="PeakMemory"/>.</summary>
    public void ResetPeakMemory() => _process.ResetPeakMemory();

    /// <summary>
    /// Waits until the process uses no processor time, so that deferred work counts for this subject and does not
    /// disturb the next measurement.
    /// </summary>
    /// <returns>How long the process was busy.</returns>
    public async Task<TimeSpan> WaitUntilIdle(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < IdleTimeout)
        {
            var (cpuBefore, elapsed) = (CpuSeconds, watch.Elapsed);
            await Task.Delay(250, cancellationToken);
            if (CpuSeconds - cpuBefore <= 0.02)
            {
                return elapsed;
            }
        }

        return watch.Elapsed;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private void HandleErrorLine(string line)
    {
        if (line.StartsWith(StartupHook.CountersPrefix, StringComparison.Ordinal))
        {
            _counters.TrySetResult(line[StartupHook.CountersPrefix.Length..]);
        }
        else if (_errorOutput.Length < MaxErrorOutput)
        {
            _errorOutput.AppendLine(line);
        }
    }

    private async Task WaitUntilReady(Readiness readiness, CancellationToken cancellationToken)
    {
        var request = readiness.Request.CreateRenderer();
        await Poll.Until(
            async () => _process.HasExited || await TimeLimit.Run(
                StartTimeout,
                $"The readiness request to port {Port}",
                timeout => IsReady(request.Render(0), readiness.ExpectedStatus, timeout),
                cancellationToken),
            StartTimeout,
            TimeSpan.FromMilliseconds(10),
            $"The server at port {Port} does not answer with {readiness.ExpectedStatus}.",
            cancellationToken);
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"The server has exited with {_process.ExitCode}. {_errorOutput}");
        }
    }

    private async Task<bool> IsReady(ReadOnlyMemory<byte> request, int expectedStatus, CancellationToken cancellationToken)
    {
        try
        {
            using var connection = await RawHttpConnection.Connect(Port, cancellationToken);
            return await connection.Send(request, cancellationToken) == expectedStatus;
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            return false;
        }
    }
}
