using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Runs.Contracts;

namespace Runs.Tests.Contracts.Messages;

/// <summary>The doc comments of the contracts as Markdown, in the words of the wire: members by their JSON names, constants by their values.</summary>
internal static class DocComments
{
    private static readonly Assembly Contracts = typeof(CreateRun).Assembly;

    private static readonly Dictionary<string, XElement> Members = XDocument.Load(Path.ChangeExtension(Contracts.Location, ".xml"))
        .Descendants("member").ToDictionary(member => member.Attribute("name")!.Value);

    /// <summary>What a type, property or constant promises, in one paragraph.</summary>
    public static string Summary(MemberInfo member) => ToMarkdown(FindElement(member, "summary"));

    /// <summary>The further paragraph of a type; null when there is none.</summary>
    public static string? Remarks(MemberInfo member) => FindElement(member, "remarks") is { } remarks ? ToMarkdown(remarks) : null;

    /// <summary>The class of constants that a property's comment begins with, and what the comment says beyond it; null when it does not.</summary>
    public static (Type Vocabulary, string Beyond)? Vocabulary(PropertyInfo property)
    {
        var first = FindElement(property, "summary")?.Nodes().FirstOrDefault(node => node is not XText text || !string.IsNullOrWhiteSpace(text.Value)) as XElement;
        if (first?.Attribute("cref")?.Value is not ['T', ':', .. var name] || Contracts.GetType(name) is not { IsAbstract: true, IsSealed: true } vocabulary)
        {
            return null;
        }

        var beyond = Summary(property)[vocabulary.Name.Length..].TrimStart('.', ':', ';', ',', ' ');
        return (vocabulary, beyond.Length == 0 ? "" : char.ToUpperInvariant(beyond[0]) + beyond[1..]);
    }

    private static XElement? FindElement(MemberInfo member, string name) => Members.GetValueOrDefault(GetMemberId(member))?.Element(name);

    private static string GetMemberId(MemberInfo member) => member switch
    {
        Type type => $"T:{type.FullName}",
        PropertyInfo => $"P:{member.DeclaringType!.FullName}.{member.Name}",
        _ => $"F:{member.DeclaringType!.FullName}.{member.Name}",
    };

    private static string ToMarkdown(XElement? part) =>
        part is null ? "" : Regex.Replace(string.Concat(part.Nodes().Select(ToMarkdown)), @"\s+", " ").Trim();

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
}
