namespace Runs.Tests;

/// <summary>The directory of the repository, for tests that read its files.</summary>
public static class Repository
{
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    private static string Find(DirectoryInfo directory) =>
        File.Exists(Path.Combine(directory.FullName, "Runs.sln")) ? directory.FullName : Find(directory.Parent!);
}
