using System.Globalization;

namespace Runs.Tests;

/// <summary>
/// The length of lines is that of <c>.editorconfig</c>, which <c>dotnet format</c> does not check. Comments are
/// shorter.
/// </summary>
public sealed class LineLengthTests
{
    private const int MaxCommentLength = 120;

    private static readonly string[] Folders = ["src", "tests", "samples", "compose"];

    [Fact]
    public void No_line_of_code_is_longer_than_max_line_length()
    {
        var maxLength = File.ReadLines(Path.Combine(Repository.Root, ".editorconfig"))
            .Where(line => line.StartsWith("max_line_length", StringComparison.Ordinal))
            .Select(line => int.Parse(line.Split('=')[1], CultureInfo.InvariantCulture))
            .Single();

        Assert.Empty(FindLines(line => line.Length > maxLength));
    }

    [Fact]
    public void No_line_that_is_only_a_comment_is_longer_than_120_columns() => Assert.Empty(
        FindLines(line => line.Length > MaxCommentLength && line.TrimStart().StartsWith("//", StringComparison.Ordinal)));

    private static IEnumerable<string> FindLines(Func<string, bool> condition) =>
        from file in Folders.SelectMany(EnumerateSourceFiles)
        from line in File.ReadLines(file).Index()
        where condition(line.Item)
        select $"{Path.GetRelativePath(Repository.Root, file)}:{line.Index + 1}";

    private static IEnumerable<string> EnumerateSourceFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories);
}
