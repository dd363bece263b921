using System.CommandLine;

namespace Runs.Benchmarks.Commands;

/// <summary>Creates optional arguments that are positive numbers.</summary>
internal static class CountArgument
{
    public static Argument<int> Create(string name, int defaultValue) => new(name)
    {
        Description = $"The number of {name}.",
        CustomParser = CountParser.Parse,
        DefaultValueFactory = _ => defaultValue,
    };
}
