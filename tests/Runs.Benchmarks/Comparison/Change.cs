namespace Runs.Benchmarks.Comparison;

/// <summary>What became of a figure since an earlier result.</summary>
internal enum Change
{
    /// <summary>One of the results has too few samples to know what noise is.</summary>
    TooFewSamples,

    /// <summary>The interval of the ratio contains 1.</summary>
    WithinNoise,

    Better,

    Worse,
}
