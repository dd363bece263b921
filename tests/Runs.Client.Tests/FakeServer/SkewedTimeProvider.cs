namespace Runs.Client.Tests;

/// <summary>The clock of another host, which differs from this one's by <paramref name="skew"/>.</summary>
internal sealed class SkewedTimeProvider(TimeSpan skew) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + skew;
}
