using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>The results that a run keeps: of tool calls, and of waits without a tool call.</summary>
internal static class ToolResults
{
    /// <summary>The size of the results that a run keeps for later attempts.</summary>
    public const int MaxValueBytes = 256 * ByteSize.KiB;

    private const int MaxPerRun = 1000;

    // They must not displace those of tool calls, which are recognized when they are sent again.
    private const int MaxWithoutCall = 50;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Adds the result of the current wait. The oldest ones lose their values, or are removed. A result without a tool
    /// call is kept for the next attempt only: nothing recognizes it when it is sent again.
    /// </summary>
    public static void Add(Run run, ResumeRun command)
    {
        run.ToolResults.Add(Create(command) with { Reason = run.WaitingReason });
        RemoveOldestWithoutCall(run.ToolResults);
        run.ToolResults.KeepLatest(MaxPerRun);
        KeepLatestValues(run.ToolResults);
    }

    /// <summary>Identifies a result when it is sent again.</summary>
    public static string ComputeFingerprint(ResumeRun command) => CanonicalJson.ComputeFingerprint(command.Result.ToElement());

    /// <summary>The stored form of a result.</summary>
    public static ToolResult Create(ResumeRun command) => new(
        command.ToolCallId ?? "",
        ComputeFingerprint(command),
        command.IsError,
        FieldRules.GetUtf8ByteCount(command.Result) <= FieldLimits.MaxResultBytes ? command.Result : RemoveWhiteSpace(command.Result));

    // The limit of a result does not count white space. Numbers stay as they were sent.
    private static RawJson RemoveWhiteSpace(RawJson json)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            json.ToElement().WriteTo(writer);
        }

        return new RawJson(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void RemoveOldestWithoutCall(List<ToolResult> results)
    {
        if (results.Count(result => result.ToolCallId.Length == 0) > MaxWithoutCall)
        {
            results.RemoveAt(results.FindIndex(result => result.ToolCallId.Length == 0));
        }
    }

    private static void KeepLatestValues(List<ToolResult> results)
    {
        var total = 0L;
        for (var i = results.Count - 1; i >= 0; i--)
        {
            total += FieldRules.GetUtf8ByteCount(results[i].Result);
            if (total > MaxValueBytes)
            {
                results[i] = results[i] with { Result = null };
            }
        }
    }
}
