using System.Collections.Concurrent;
using System.Diagnostics;
using RabbitMQ.Client;

namespace Runs.EndToEnd.Tests;

/// <summary>A sample in a process of its own. It listens when it is here, and has ended when it is disposed of.</summary>
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

    /// <summary>What it has printed so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a worker and waits until it takes what comes to its queue.</summary>
    /// <param name="command">The sample.</param>
    /// <param name="queue">The worker's.</param>
    /// <param name="target">What it executes.</param>
    /// <param name="application">Its broker and server.</param>
    /// <param name="api">Where it finds the server.</param>
    public static async Task<SampleWorkerProcess> Start(ProcessStartInfo command, string queue, string target, ContainerApplication application, Uri api)
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
                await using var channel = await connection.CreateChannelAsync(); // asking for a queue that is not there yet closes the channel
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

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to end, as <c>kill</c> does.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
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
