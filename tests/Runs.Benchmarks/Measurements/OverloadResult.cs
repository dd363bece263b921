using Runs.Benchmarks.Load;

namespace Runs.Benchmarks.Measurements;

/// <summary>The behavior of the server under overload, beside its behavior at full load.</summary>
/// <param name="Normal">
/// The responses to as many callers as a busy day has, each of which waits for the response.
/// </param>
/// <param name="RequestedPerSecond">The requested creates per second under overload.</param>
/// <param name="Overloaded">The responses under overload.</param>
/// <param name="NormalPeakMemory">The largest resident memory at full load, in bytes.</param>
/// <param name="OverloadedPeakMemory">The largest resident memory under overload, in bytes.</param>
internal sealed record OverloadResult(
    LoadResult Normal,
    double RequestedPerSecond,
    LoadResult Overloaded,
    long NormalPeakMemory,
    long OverloadedPeakMemory);
