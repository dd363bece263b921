using Runs.Benchmarks.Load;

namespace Runs.Benchmarks.Measurements;

/// <summary>The memory of a server that has appended many times.</summary>
/// <param name="Load">The appends.</param>
/// <param name="PeakBytes">The largest resident memory since the start of the process.</param>
/// <param name="EndBytes">The resident memory when the server was idle again.</param>
internal sealed record AppendMemory(LoadResult Load, long PeakBytes, long EndBytes);
