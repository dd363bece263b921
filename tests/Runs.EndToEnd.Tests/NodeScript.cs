using System.ComponentModel;
using System.Diagnostics;

namespace Runs.EndToEnd.Tests;

/// <summary>A Node.js script in a folder of the repository, with the packages of the folder's lock file.</summary>
public sealed class NodeScript
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    private readonly string _source;
    private readonly string _installed;
    private readonly string _file;

    // Once in a test run, for all applications.
    private readonly Lazy<Task> _installation;

    public NodeScript(string folder, string file, string parent = "tests/Runs.EndToEnd.Tests")
    {
        _source = Path.Combine(Repository.Root, parent, folder);
        _installed = Path.Combine(Repository.Root, "artifacts", "node", folder);
        _file = file;
        _installation = new Lazy<Task>(Install);
    }

    /// <returns>The output of the script, which must succeed.</returns>
    public async Task<string> Run(Dictionary<string, string> environment)
    {
        await _installation.Value;
        return await Run("node", [_file], environment);
    }

    /// <returns>The command of a process that runs until it is stopped.</returns>
    public async Task<ProcessStartInfo> Command()
    {
        await _installation.Value;
        return new ProcessStartInfo("node", [_file]) { WorkingDirectory = _installed };
    }

    /// <summary>Installs the packages of the lock file, unless an earlier test run did.</summary>
    private async Task Install()
    {
        Directory.CreateDirectory(_installed);
        // npm writes this file last.
        var isComplete = File.Exists(Path.Combine(_installed, "node_modules", ".package-lock.json"))
            && await Text(_installed, "package-lock.json") == await Text(_source, "package-lock.json");
        // Node looks for modules beside the script.
        foreach (var file in Directory.EnumerateFiles(_source))
        {
            File.Copy(file, Path.Combine(_installed, Path.GetFileName(file)), overwrite: true);
        }

        if (!isComplete)
        {
            await Run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], []);
        }
    }

    private static async Task<string?> Text(string directory, string file) =>
        Path.Combine(directory, file) is var path && File.Exists(path) ? await File.ReadAllTextAsync(path) : null;

    /// <returns>The output of the command, which must succeed.</returns>
    private async Task<string> Run(string command, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = _installed,
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
        using var deadline = new CancellationTokenSource(Timeout);
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
        Assert.True(inTime, $"{command} did not end within {Timeout}.\n{all}");
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
            Assert.Fail($"{start.FileName} is not installed: this test needs Node.js 18 or later and npm.");
            throw;
        }
    }
}
