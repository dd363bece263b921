using System.Text.Json;
using Runs.FaultInjection.Clients;
using Runs.FaultInjection.Reporting;
using Runs.Worker;

namespace Runs.FaultInjection.WorkerProcesses;

/// <summary>Writes the records of a worker process to its standard output, each in a line. Thread-safe.</summary>
internal sealed class RecordWriter(string name)
{
    private readonly Lock _lock = new();

    /// <summary>The name of the worker in the history.</summary>
    public string Name => name;

    public void Write(CallRecord record)
    {
        var line = JsonSerializer.Serialize(record with { Worker = name }, History.JsonOptions);
        lock (_lock)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }

    /// <summary>Writes that the token of a handler was cancelled.</summary>
    public void WriteStop(string run, int attempt, StopReason reason)
    {
        var now = Clock.ElapsedSeconds;
        Write(new CallRecord(run, ExecutionCalls.Stopped, name, 1, now, now, "") { RunAttempt = attempt, Code = $"{reason}" });
    }
}
