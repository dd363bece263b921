namespace Runs.Validation;

/// <summary>
/// The topic exchange behind the exchanges of <see cref="Events"/>: services bind a queue to it for the runs that they
/// execute, and do not receive those of others.
/// </summary>
internal static class OfferExchange
{
    public const string Name = "runs.offers";

    /// <summary>The events that announce that a run may be claimed.</summary>
    public static IReadOnlyList<Type> Events { get; } = [typeof(RunAccepted), typeof(RunReady)];
}
