using System.Text.Json;

namespace Runs.FaultInjection.Execution;

/// <summary>An attempt that a worker of this process holds.</summary>
internal sealed class ClaimedAttempt(JsonElement run)
{
    private readonly TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string RunId { get; } = run.GetProperty("run_id").GetString()!;

    public int Number { get; } = run.GetProperty("attempt").GetInt32();

    public ExecutionPlan Plan { get; } = ExecutionPlan.Read(run);

    public AttemptAct Act => Plan.GetAct(Number);

    /// <summary>The number of events that executors have appended before.</summary>
    public long ExternalSequence { get; set; } = run.GetProperty("latest_external_event_sequence").GetInt64();

    /// <summary>The tool calls whose results came with the claim.</summary>
    public IReadOnlyList<string> ToolResults { get; } =
        [.. run.GetProperty("tool_results").EnumerateArray().Select(result => result.GetProperty("tool_call_id").GetString() ?? "")];

    /// <summary>Whether the worker's heartbeats name the attempt.</summary>
    public bool IsRenewed { get; set; } = true;

    /// <summary>Completes when a renewal says that the run no longer waits.</summary>
    public Task Resumed => _resumed.Task;

    /// <summary>Completes when a renewal is rejected: the worker no longer holds the attempt.</summary>
    public Task Ended => _ended.Task;

    /// <summary>When the run began to wait: see <see cref="Resumed"/>.</summary>
    public double? WaitingSince { get; set; }

    /// <summary>The number of the events that this attempt has appended, for their names.</summary>
    public int EventCount { get; set; }

    /// <summary>The tool call that the attempt waits for.</summary>
    public string ToolCallId => GetToolCallId(Number);

    public static string GetToolCallId(int attempt) => $"call-{attempt}";

    /// <summary>Records what the response to a heartbeat says of the attempt.</summary>
    public void RecordRenewal(bool isHeld, string? status, double sentAt)
    {
        if (!isHeld)
        {
            _ended.TrySetResult();
        }
        else if (sentAt > WaitingSince && status == "running")
        {
            _resumed.TrySetResult();
        }
    }
}
