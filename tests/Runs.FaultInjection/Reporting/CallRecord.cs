using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;

namespace Runs.FaultInjection.Reporting;

/// <summary>One call and what came of it. Times are seconds since the program began.</summary>
/// <param name="Run">The run's id; null while an anonymous one has none.</param>
/// <param name="Call">What was asked.</param>
/// <param name="To">The server, or <c>broker</c>.</param>
/// <param name="Attempt">From 1.</param>
/// <param name="Start">When it was asked.</param>
/// <param name="End">When it was answered, or given up.</param>
/// <param name="Answer">The HTTP status, the type of the reply, <c>confirmed</c>, <c>late</c> (nothing by the deadline) or <c>cut</c> (no connection, or not any more).</param>
/// <param name="Code">A problem's or refusal's code, or what cut it.</param>
/// <param name="Changed">Whether the answer says that this call made the difference.</param>
/// <param name="Status">The run's status in the answer.</param>
/// <param name="Cursor">An append's expectation.</param>
/// <param name="Events">An append's events.</param>
internal sealed record CallRecord(
    string? Run, string Call, string To, int Attempt, double Start, double End, string Answer, string? Code = null, bool? Changed = null, string? Status = null,
    string? Cursor = null, int? Events = null);
