using System.Diagnostics;
using Xunit.Abstractions;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// Short runs of <c>make torture</c>, each in its own process with its own containers: random faults of most kinds, a
/// full disk, and all faults of workers. All invariants are checked.
/// </summary>
[Collection(nameof(WholeMachine))]
public sealed class FaultInjectionTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("R4")]
    [InlineData("R18")]
    [InlineData("X")]
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

    // The build puts it beside the tests: .../bin/Runs.EndToEnd.Tests/debug and .../bin/Runs.FaultInjection/debug.
    private static string GetProgramPath()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(here.Parent!.Parent!.FullName, "Runs.FaultInjection", here.Name, "Runs.FaultInjection.dll");
    }
}
