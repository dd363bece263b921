using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Runs.Benchmarks.Subjects;

/// <summary>The server as its image has it: compiled ahead of time (<c>compose/up.sh</c>).</summary>
internal static class ImageBuild
{
    /// <summary>Publishes the server. The working directory is that of the repository.</summary>
    /// <returns>The directory of <see cref="BenchmarkSubject.ServerAssembly"/>.</returns>
    /// <exception cref="InvalidOperationException">The server could not be published.</exception>
    public static async Task<string> Publish(CancellationToken cancellationToken)
    {
        var directory = Path.GetFullPath(Path.Combine("artifacts", "bench", "server"));
        string[] arguments =
        [
            "publish", Path.Combine("src", "Runs.Server"), "--configuration", "Release", "--runtime", RuntimeInformation.RuntimeIdentifier,
            "--self-contained", "false", "-p:PublishReadyToRun=true", "--output", directory, "--nologo", "--verbosity", "quiet",
        ];
        using var publish = Process.Start(new ProcessStartInfo("dotnet", arguments))
            ?? throw new InvalidOperationException("dotnet could not be started.");
        await publish.WaitForExitAsync(cancellationToken);
        return publish.ExitCode == 0
            ? directory
            : throw new InvalidOperationException($"dotnet publish ended with exit code {publish.ExitCode}.");
    }
}
