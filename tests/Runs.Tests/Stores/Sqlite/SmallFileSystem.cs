using System.Diagnostics;

namespace Runs.Tests.Stores;

/// <summary>A file system in memory, mounted on a directory. Needs root on Linux.</summary>
internal sealed class SmallFileSystem : IDisposable
{
    private readonly string _directory;

    private SmallFileSystem(string directory) => _directory = directory;

    /// <summary>Whether this machine lets its user mount.</summary>
    public static bool IsSupported { get; } = CheckSupport();

    public static SmallFileSystem Mount(string directory, string options)
    {
        Directory.CreateDirectory(directory);
        Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory);
        return new SmallFileSystem(directory);
    }

    public void Remount(string options) => Run("mount", "-o", $"remount,{options}", _directory);

    // Lazily: a store that a failed test leaves open must not block it.
    public void Dispose() => Run("umount", "-l", _directory);

    private static bool CheckSupport()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            return false;
        }

        var directory = Directory.CreateTempSubdirectory("runs-mount-");
        try
        {
            Mount(directory.FullName, "size=1m").Dispose();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        finally
        {
            directory.Delete();
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program}: {errors}");
        }
    }
}
