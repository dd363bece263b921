using System.Globalization;
using System.Text;

namespace Runs.Tests.Fuzz;

/// <summary>
/// Tries random inputs. Each input has its own seed, so that a failed one can be tried again alone:
/// <c>RUNS_FUZZ_SEED</c> sets the first seed, and <c>RUNS_FUZZ_ITERATIONS</c> the number of inputs of each test.
/// </summary>
internal static class FuzzRunner
{
    private const int MaxShownBytes = 2000;

    /// <summary>
    /// Tries <paramref name="defaultIterations"/> inputs, unless the environment sets another number.
    /// </summary>
    /// <param name="defaultIterations">The number of inputs.</param>
    /// <param name="attempt">Tries an input. It gets a source of randomness and notes its input.</param>
    /// <param name="onProgress">Receives the percentage of tried inputs.</param>
    public static async Task Run(int defaultIterations, Func<Random, StringBuilder, Task> attempt, Action<int>? onProgress = null)
    {
        var iterations = ReadSetting("RUNS_FUZZ_ITERATIONS") ?? defaultIterations;
        var first = ReadSetting("RUNS_FUZZ_SEED") ?? Random.Shared.Next(1_000_000_000);
        for (var i = 0; i < iterations; i++)
        {
            var input = new StringBuilder();
            try
            {
                await attempt(new Random(first + i), input);
            }
            catch (Exception failure)
            {
                Assert.Fail($"To repeat, set RUNS_FUZZ_SEED={first + i} and RUNS_FUZZ_ITERATIONS=1:\n{input}\n{failure}");
            }

            onProgress?.Invoke((int)(100L * (i + 1) / iterations));
        }
    }

    /// <inheritdoc cref="Run(int, Func{Random, StringBuilder, Task}, Action{int})"/>
    public static Task Run(int defaultIterations, Action<Random, StringBuilder> attempt) => Run(defaultIterations, (random, input) =>
    {
        attempt(random, input);
        return Task.CompletedTask;
    });

    /// <summary>Formats bytes as a Latin-1 string literal, of a limited length.</summary>
    public static string ToLiteral(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder("\"");
        foreach (var value in bytes[..Math.Min(bytes.Length, MaxShownBytes)])
        {
            text.Append((char)value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\r' => "\\r",
                '\n' => "\\n",
                >= ' ' and <= '~' and var plain => plain.ToString(),
                _ => string.Format(CultureInfo.InvariantCulture, "\\u{0:x4}", value),
            });
        }

        return text.Append('"').Append(bytes.Length > MaxShownBytes ? $"… ({bytes.Length} bytes)" : "").ToString();
    }

    private static int? ReadSetting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : null;
}
