namespace Runs.Tests;

/// <summary>Where the tests find the files of the repository.</summary>
public static class Repository
{
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    private static string Find(DirectoryInfo directory) =>
        File.Exists(Path.Combine(directory.FullName, "Runs.sln")) ? directory.FullName : Find(directory.Parent!);
}
