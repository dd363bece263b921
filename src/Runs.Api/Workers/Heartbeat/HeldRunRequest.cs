using System.ComponentModel.DataAnnotations;

namespace Runs.Api.Workers;

/// <summary>A run that a worker executes.</summary>
public sealed record HeldRunRequest : RequestSchema
{
    /// <summary>The run's id.</summary>
    [RunId]
    public required string RunId { get; init; }

    /// <summary>The number of the attempt, from the response to its claim.</summary>
    [Range(FieldLimits.MinAttempt, int.MaxValue)]
    public required int Attempt { get; init; }
}
