using System.Text.Json.Serialization;
using Runs.Contracts;

namespace Runs.Api.Workers;

/// <summary>A run that a heartbeat names, after the renewal of its lease.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="Attempt">The attempt that the heartbeat names.</param>
/// <param name="LeaseExpiresAt">
/// When the lease ends; null when the worker does not hold this attempt: it must stop.
/// </param>
/// <param name="Status">The status of the run; null when the worker's project has no such run.</param>
public sealed record HeldRunResource(
    [property: RunId] string RunId,
    int Attempt,
    [property: JsonConverter(typeof(UtcMillisecondsConverter))] DateTimeOffset? LeaseExpiresAt,
    [property: OneOf(typeof(RunStatuses))] string? Status);
