using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Runs.ContractGenerator;

/// <summary>
/// The doc comments of the contracts as Markdown. They name members by their JSON names, and constants by their values.
/// </summary>
internal static partial class DocComments
{
    private static readonly Assembly Contracts = typeof(CreateRun).Assembly;

    private static readonly Dictionary<string, XElement> Members = XDocument.Load(Path.ChangeExtension(Contracts.Location, ".xml"))
        .Descendants("member")
        .ToDictionary(member => member.Attribute("name")!.Value);

    /// <summary>The summary of a type, property or constant, in one paragraph.</summary>
    public static string GetSummary(MemberInfo member) => ToMarkdown(FindElement(member, "summary"));

    /// <summary>The remarks of a type, in one paragraph; null when it has none.</summary>
    public static string? GetRemarks(MemberInfo member) =>
        FindElement(member, "remarks") is { } remarks ? ToMarkdown(remarks) : null;

    /// <summary>
    /// The class of constants that the doc comment of a property begins with, and the rest of the comment; null when it
    /// begins with something else.
    /// </summary>
    public static (Type Vocabulary, string Description)? FindVocabulary(PropertyInfo property)
    {
        var first = FindElement(property, "summary")?.Nodes()
            .FirstOrDefault(node => node is not XText text || !string.IsNullOrWhiteSpace(text.Value)) as XElement;
        if (first?.Attribute("cref")?.Value is not ['T', ':', .. var name]
            || Contracts.GetType(name) is not { IsAbstract: true, IsSealed: true } vocabulary)
        {
            return null;
        }

        var description = GetSummary(property)[vocabulary.Name.Length..].TrimStart('.', ':', ';', ',', ' ');
        return (vocabulary, description.Length == 0 ? "" : char.ToUpperInvariant(description[0]) + description[1..]);
    }

    private static XElement? FindElement(MemberInfo member, string name) => Members.GetValueOrDefault(GetMemberId(member))?.Element(name);

    private static string GetMemberId(MemberInfo member) => member switch
    {
        Type type => $"T:{type.FullName}",
        PropertyInfo => $"P:{member.DeclaringType!.FullName}.{member.Name}",
        _ => $"F:{member.DeclaringType!.FullName}.{member.Name}",
    };

    private static string ToMarkdown(XElement? element) =>
        element is null ? "" : WhiteSpace().Replace(string.Concat(element.Nodes().Select(ToMarkdown)), " ").Trim();

    private static string ToMarkdown(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement element when element.Attribute("cref") is { } reference => GetWireName(reference.Value),
        XElement element => ToMarkdown(element),
        _ => "",
    };

    private static string GetWireName(string reference)
    {
        var (owner, name) = (reference[2..reference.LastIndexOf('.')], reference[(reference.LastIndexOf('.') + 1)..]);
        return reference[0] switch
        {
            'P' => $"`{Contracts.GetType(owner)!.GetProperty(name)!.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? name}`",
            'F' => $"`{Contracts.GetType(owner)!.GetField(name)!.GetRawConstantValue()}`",
            _ => name,
        };
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
