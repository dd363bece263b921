using Runs.Benchmarks.Load;

namespace Runs.Benchmarks.Subjects;

/// <summary>How to see that a subject is ready.</summary>
/// <param name="Request">The request to send.</param>
/// <param name="ExpectedStatus">The status code of its response when the subject is ready.</param>
internal sealed record Readiness(RequestTemplate Request, int ExpectedStatus)
{
    /// <summary>The create of run 0: every subject that creates runs answers it.</summary>
    public static Readiness FirstCreate { get; } = new(BenchmarkSubject.CreateRequest, 202);

    /// <summary>The health endpoint of a Runs server that accepts commands.</summary>
    public static Readiness Health { get; } = new(RequestTemplate.Get("/health/commands", ""), 200);
}
