using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Runs.Server;

namespace Runs.Tests;

/// <summary>The executable, started as a process.</summary>
public sealed class CommandLineTests
{
    private static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("help")]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("serve", "--help")]
    public async Task Help_lists_the_commands(params string[] arguments)
    {
        var (exitCode, output, errors) = await Run(arguments);

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.All(["[serve]", "health <address>", "keys create|list|revoke|rotate", "version", "ASPNETCORE_URLS"], word =>
            Assert.Contains(word, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Help_of_keys_lists_their_options()
    {
        var (exitCode, output, _) = await Run("keys", "--help");

        Assert.Equal(0, exitCode);
        Assert.Contains("--print-only", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_printed()
    {
        var (exitCode, output, _) = await Run("version");

        Assert.Equal(0, exitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+", output);
    }

    [Theory]
    [InlineData("There is no command or setting \"srve\".", "srve")]
    [InlineData("There is no command or setting \"now\".", "serve", "now")]
    [InlineData("There is no command or setting \"-urls\".", "-urls", "http://127.0.0.1:1")]
    [InlineData("The setting --urls has no value.", "--urls")]
    [InlineData("The setting /urls has no value.", "/urls")]
    [InlineData("health needs one address", "health")]
    public async Task Wrong_arguments_are_reported_and_start_no_server(string expected, params string[] arguments)
    {
        var (exitCode, output, errors) = await Run(arguments);

        Assert.Equal((64, ""), (exitCode, output));
        Assert.StartsWith(expected, errors, StringComparison.Ordinal);
        Assert.Contains("usage:", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task A_port_in_use_is_reported_in_one_line_without_a_stack_trace(string host)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var data = Directory.CreateTempSubdirectory("runs-cli-");

        var (exitCode, output, errors) = await Run(
            "serve", "--environment", "Development", "--urls", $"http://{host}:{port}", "--Sqlite:DataDirectory", data.FullName);

        data.Delete(recursive: true);
        Assert.Equal(
            $"Runs cannot start: 127.0.0.1:{port} is in use by another process. Stop it, or set ASPNETCORE_URLS to a free address.",
            errors);
        Assert.Equal((78, ""), (exitCode, output));
    }

    [Fact]
    public async Task An_address_of_another_machine_is_reported_by_name()
    {
        var data = Directory.CreateTempSubdirectory("runs-cli-");

        var (exitCode, output, errors) = await Run(
            "--environment", "Development", "--urls", "http://192.0.2.1:8080", "--Sqlite:DataDirectory", data.FullName);

        data.Delete(recursive: true);
        Assert.Equal("Runs cannot start: 192.0.2.1:8080 is not an address of this machine. Set ASPNETCORE_URLS to one that is.", errors);
        Assert.Equal((78, ""), (exitCode, output));
    }

    [Fact]
    public async Task An_invalid_setting_is_reported_in_one_line_without_a_stack_trace()
    {
        var (exitCode, output, errors) = await Run("--Api:MaxConcurrentCommands", "0");

        Assert.Equal((78, ""), (exitCode, output));
        Assert.StartsWith("Runs cannot start: Api:MaxConcurrentCommands", Assert.Single(errors.Split('\n')), StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(ServerBuilder).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var timeout = new CancellationTokenSource(MaxDuration);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            var errors = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, (await output).Trim(), (await errors).Trim());
        }
        finally
        {
            process.Kill(); // has no effect on a process that has exited
        }
    }
}
