using System.Globalization;

namespace Runs.Tests;

/// <summary>The length of lines is that of <c>.editorconfig</c>, which <c>dotnet format</c> does not check.</summary>
public sealed class LineLengthTests
{
    private static readonly string[] Folders = ["src", "tests", "samples", "compose"];

    [Fact]
    public void No_line_of_code_is_longer_than_max_line_length()
    {
        var maxLength = File.ReadLines(Path.Combine(Repository.Root, ".editorconfig"))
            .Where(line => line.StartsWith("max_line_length", StringComparison.Ordinal))
            .Select(line => int.Parse(line.Split('=')[1], CultureInfo.InvariantCulture))
            .Single();

        var longLines = Folders.SelectMany(EnumerateSourceFiles)
            .SelectMany(file => File.ReadLines(file).Index().Select(line => (file, Number: line.Index + 1, line.Item.Length)))
            .Where(line => line.Length > maxLength)
            .Select(line => $"{Path.GetRelativePath(Repository.Root, line.file)}:{line.Number}");

        Assert.Empty(longLines);
    }

    private static IEnumerable<string> EnumerateSourceFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories);
}
