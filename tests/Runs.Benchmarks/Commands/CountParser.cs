using System.CommandLine.Parsing;
using System.Globalization;

namespace Runs.Benchmarks.Commands;

/// <summary>Parses positive numbers.</summary>
internal static class CountParser
{
    public static int Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
        {
            result.AddError($"'{text}' is not a positive number.");
        }

        return count;
    }
}
