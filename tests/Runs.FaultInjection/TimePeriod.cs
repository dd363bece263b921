namespace Runs.FaultInjection;

/// <summary>A period in seconds of <see cref="Clock"/>.</summary>
internal readonly record struct TimePeriod(double From, double To)
{
    public double Length => To - From;

    /// <summary>Whether the call started and ended within the period.</summary>
    public bool Contains(double start, double end) => start > From && end < To;
}
