using System.Text.Json.Serialization;

namespace Runs.FaultInjection.Reporting;

/// <summary>A call and its result. Times are those of <see cref="Clock"/>.</summary>
/// <param name="Run">The id of the run; null while the service has not chosen one.</param>
/// <param name="Call">The name of the call.</param>
/// <param name="To">The name of the server, or <c>broker</c>.</param>
/// <param name="Attempt">The number of the attempt, from 1.</param>
/// <param name="Start">When the call was sent.</param>
/// <param name="End">When the response arrived, or the call was given up.</param>
/// <param name="Answer">
/// The HTTP status, the type of the reply, <c>confirmed</c>, <c>late</c> (no response by the deadline) or <c>cut</c>
/// (no connection, or a lost one).
/// </param>
internal sealed record CallRecord(
    string? Run,
    string Call,
    string To,
    int Attempt,
    double Start,
    double End,
    string Answer)
{
    /// <summary>The code of a problem or rejection, or the type of the exception of a lost connection.</summary>
    public string? Code { get; init; }

    /// <summary>Whether the response says that this call has changed the run.</summary>
    public bool? Changed { get; init; }

    /// <summary>The status of the run in the response.</summary>
    public string? Status { get; init; }

    /// <summary>The expected cursor of an append.</summary>
    public string? Cursor { get; init; }

    /// <summary>The number of events of an append.</summary>
    public int? Events { get; init; }

    /// <summary>When the first try of the call was sent, if this is a later one: the command may be that old.</summary>
    public double? FirstStart { get; init; }

    /// <summary>The worker that made the call.</summary>
    public string? Worker { get; init; }

    /// <summary>The attempt of the run that the call names, or that its claim has begun.</summary>
    public int? RunAttempt { get; init; }

    /// <summary>The claim id, if the caller chose it.</summary>
    public string? ClaimId { get; init; }

    /// <summary>The names of the events that a worker appends.</summary>
    public IReadOnlyList<string>? AppendedEvents { get; init; }

    /// <summary>The end of the lease in the response to a claim or a renewal.</summary>
    public DateTimeOffset? LeaseExpiresAt { get; init; }

    /// <summary>The time from which on the call can have had an effect.</summary>
    [JsonIgnore]
    public double EarliestEffect => FirstStart ?? Start;

    /// <summary>The duration in seconds.</summary>
    [JsonIgnore]
    public double Latency => End - Start;

    /// <summary>Whether the call is the create of a workload, and was accepted.</summary>
    [JsonIgnore]
    public bool IsAcceptedCreate => this is { Call: "create", Answer: "202" };
}
