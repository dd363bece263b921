using System.Diagnostics;
using Xunit.Abstractions;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// Short tortures, as <c>make torture</c> runs them, each in a process of its own with containers of its own: most kinds of faults at random, and the full disk, which needs
/// a small one; every promise checked.
/// </summary>
[Collection(nameof(WholeMachine))]
public sealed class FaultInjectionTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("R4")]
    [InlineData("R18")]
    public async Task Every_invariant_holds_under_faults(string scenario)
    {
        var start = new ProcessStartInfo("dotnet", [GetProgramPath(), "torture", "--short", "--scenario", scenario])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Directory.CreateTempSubdirectory("runs-torture-").FullName,
        };
        using var torture = Process.Start(start)!;
        try
        {
            var (text, errors) = (torture.StandardOutput.ReadToEndAsync(), torture.StandardError.ReadToEndAsync());
            await torture.WaitForExitAsync();
            output.WriteLine($"{await text}{await errors}");

            Assert.True(torture.ExitCode == 0, $"{await text}{await errors}{start.WorkingDirectory}");
        }
        finally
        {
            if (!torture.HasExited)
            {
                torture.Kill(entireProcessTree: true);
            }
        }
    }

    // Built with the tests, beside them: .../bin/Runs.EndToEnd.Tests/debug and .../bin/Runs.FaultInjection/debug.
    private static string GetProgramPath()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(here.Parent!.Parent!.FullName, "Runs.FaultInjection", here.Name, "Runs.FaultInjection.dll");
    }
}
