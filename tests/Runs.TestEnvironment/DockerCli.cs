using System.Diagnostics;

namespace Runs.TestEnvironment;

/// <summary>Runs the client of the Docker engine.</summary>
public static class DockerCli
{
    /// <returns>The standard output.</returns>
    /// <exception cref="InvalidOperationException">The command failed. The message has its standard error.</exception>
    public static async Task<string> Run(params IReadOnlyCollection<string> arguments) => (await RunWithErrors(arguments)).Output;

    /// <returns>The standard output and the standard error.</returns>
    /// <exception cref="InvalidOperationException">The command failed. The message has its standard error.</exception>
    public static async Task<(string Output, string Errors)> RunWithErrors(params IReadOnlyCollection<string> arguments)
    {
        using var docker = Process.Start(new ProcessStartInfo("docker", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var (output, errors) = (docker.StandardOutput.ReadToEndAsync(), docker.StandardError.ReadToEndAsync());
        await docker.WaitForExitAsync();
        return docker.ExitCode == 0
            ? (await output, await errors)
            : throw new InvalidOperationException($"docker {string.Join(' ', arguments)}: {await errors}");
    }
}
