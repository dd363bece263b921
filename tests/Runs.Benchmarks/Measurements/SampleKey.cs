namespace Runs.Benchmarks.Measurements;

/// <summary>What a sample measures. Samples of different rounds with the same key are repetitions.</summary>
/// <param name="Operation">The operation, as in the tables.</param>
/// <param name="Subject">The name of the subject.</param>
/// <param name="Callers">The number of concurrent callers.</param>
internal sealed record SampleKey(string Operation, string Subject, int Callers);
