using System.Collections.Concurrent;
using System.Diagnostics;
using RabbitMQ.Client;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// A sample worker in its own process. Disposal ends it.
/// </summary>
public sealed class SampleWorkerProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _output = [];
    private readonly Process _process;

    private SampleWorkerProcess(ProcessStartInfo command)
    {
        command.RedirectStandardOutput = true;
        command.RedirectStandardError = true;
        _process = Process.Start(command)!;
        _process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Its output so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a worker that claims runs over HTTP.</summary>
    /// <param name="command">The command that starts the sample.</param>
    /// <param name="environment">Added to the environment of this process.</param>
    public static SampleWorkerProcess Start(ProcessStartInfo command, IEnumerable<KeyValuePair<string, string>> environment)
    {
        foreach (var (name, value) in environment)
        {
            command.Environment[name] = value;
        }

        return new SampleWorkerProcess(command);
    }

    /// <summary>Starts a worker and waits until it consumes its queue.</summary>
    /// <param name="command">The command that starts the sample.</param>
    /// <param name="queue">The queue of the worker.</param>
    /// <param name="target">The target whose runs it executes.</param>
    /// <param name="application">The server and its broker.</param>
    /// <param name="api">The address of the server.</param>
    public static async Task<SampleWorkerProcess> Start(
        ProcessStartInfo command, string queue, string target, ContainerApplication application, Uri api)
    {
        command.Environment["RUNS_URL"] = api.GetLeftPart(UriPartial.Authority);
        command.Environment["RUNS_API_KEY"] = DevelopmentApiKey.Key;
        command.Environment["RABBITMQ_URL"] = application.WorkerRabbitMq.ToString();
        command.Environment["WORKER_TARGET"] = target;
        var worker = new SampleWorkerProcess(command);
        try
        {
            await using var connection = await new ConnectionFactory { Uri = application.OperatorRabbitMq }.CreateConnectionAsync();
            await Eventually.Succeeds(async () =>
            {
                // The broker closes the channel if the queue does not exist yet.
                await using var channel = await connection.CreateChannelAsync();
                Assert.True((await channel.QueueDeclarePassiveAsync(queue)).ConsumerCount == 1, worker.Output);
            });
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the process, like <c>kill -9</c>.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Stops the process with SIGTERM, like <c>kill</c>.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync().WaitAsync(Eventually.Timeout);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await Kill();
        }

        _process.Dispose();
    }
}
