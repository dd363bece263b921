using System.ComponentModel;
using System.Diagnostics;
using Runs.Api;

namespace Runs.EndToEnd.Tests;

public sealed class RealClientEmbedded() : RealClientTests(new EmbeddedStack());

[Collection(nameof(Containers))]
public sealed class RealClientOnRabbitMqAndMongoDb(Containers containers) : RealClientTests(new ContainerStack(containers));

/// <summary>The published npm client, unmodified, against a server: what it sends is understood, and the answers pass its checks.</summary>
public abstract class RealClientTests(Stack stack) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly string Source = Path.Combine(Repository.Root, "tests", "Runs.EndToEnd.Tests", "Client");
    private static readonly string Installed = Path.Combine(Repository.Root, "artifacts", "client");

    // Once per test run, however many stacks there are.
    private static readonly Lazy<Task> Installation = new(Install);

    public Task InitializeAsync() => stack.InitializeAsync();

    public Task DisposeAsync() => stack.DisposeAsync();

    [Fact]
    public async Task The_public_client_gets_through_its_tour()
    {
        await Installation.Value;

        var output = await Run("node", ["tour.mjs"], new()
        {
            ["RUNS_URL"] = stack.Client.BaseAddress!.GetLeftPart(UriPartial.Authority),
            ["RUNS_TOKEN"] = DevelopmentKey.Text,
            ["RUNS_PROJECT_ID"] = Stack.Project,
            ["RUNS_PROJECT_SLUG"] = "my/slug",
        });

        Assert.Contains("steps passed", output, StringComparison.Ordinal);
    }

    /// <summary>Installs what the lock file says, unless an earlier test run did.</summary>
    private static async Task Install()
    {
        Directory.CreateDirectory(Installed);
        // npm writes this one last.
        var isComplete = File.Exists(Path.Combine(Installed, "node_modules", ".package-lock.json"))
            && await Text(Installed, "package-lock.json") == await Text(Source, "package-lock.json");
        // The tour stands beside the modules: that is where node looks for them.
        foreach (var file in Directory.EnumerateFiles(Source))
        {
            File.Copy(file, Path.Combine(Installed, Path.GetFileName(file)), overwrite: true);
        }

        if (!isComplete)
        {
            await Run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], []);
        }
    }

    private static async Task<string?> Text(string directory, string file) =>
        Path.Combine(directory, file) is var path && File.Exists(path) ? await File.ReadAllTextAsync(path) : null;

    /// <returns>What the command printed; it must succeed.</returns>
    private static async Task<string> Run(string command, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = Installed,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Start(start);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(Patience);
        var inTime = true;
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            inTime = false;
            process.Kill(entireProcessTree: true);
        }

        var all = $"{await output}{await errors}";
        Assert.True(inTime, $"{command} did not end within {Patience}.\n{all}");
        Assert.True(process.ExitCode == 0, $"{command} exited with {process.ExitCode}.\n{all}");
        return all;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Fail($"{start.FileName} is not here: this test needs Node.js 18 or later and npm.");
            throw;
        }
    }
}
