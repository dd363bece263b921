using System.Text.RegularExpressions;

namespace Runs.Tests;

/// <summary>
/// The links of the pages lead to files and sections of the repository, and the tests that they name exist, so that the
/// pages agree with the tree.
/// </summary>
public sealed partial class DocumentationLinkTests
{
    private static readonly Lazy<List<string>> TestSources = new(() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests*.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText),
    ]);

    public static TheoryData<string> Pages =>
    [
        .. Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Concat(new[] { "samples", "compose/standins", "src/Runs.Contracts", "src/Runs.Client", "src/Runs.Worker", "src/Runs.Testing" }
                .Select(folder => Path.Combine(Repository.Root, folder, "README.md")))
            .Select(page => Path.GetRelativePath(Repository.Root, page))
            .Where(page => !page.Contains(".received.", StringComparison.Ordinal)),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Each_link_of_a_page_leads_somewhere(string page)
    {
        var path = Path.Combine(Repository.Root, page);
        var links = Link().Matches(File.ReadAllText(path)).Select(link => link.Groups["target"].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal));

        Assert.DoesNotContain(links, link => !Exists(path, link));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Each_test_that_a_page_names_exists(string page)
    {
        var names = TestName().Matches(File.ReadAllText(Path.Combine(Repository.Root, page)));

        Assert.DoesNotContain(names, name => !TestSources.Value.Any(source =>
            source.Contains($"class {name.Groups["class"].Value}", StringComparison.Ordinal)
            && source.Contains($" {name.Groups["method"].Value}(", StringComparison.Ordinal)));
    }

    private static bool Exists(string page, string link)
    {
        var (file, anchor) = link.Split('#') is [var name, var section] ? (name, section) : (link, null);
        var target = file.Length == 0 ? page : Path.GetFullPath(file, Path.GetDirectoryName(page)!);
        return anchor is null ? Path.Exists(target) : File.Exists(target) && GetAnchors(target).Contains(anchor);
    }

    // As GitHub makes them.
    private static IEnumerable<string> GetAnchors(string page) => Heading().Matches(File.ReadAllText(page))
        .Select(heading => NoAnchorCharacter().Replace(heading.Groups["text"].Value.ToLowerInvariant(), "").Trim().Replace(' ', '-'));

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(?<class>\w+Tests)\.(?<method>\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex("^#+ (?<text>.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchorCharacter();
}
