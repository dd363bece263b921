using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Extensions.Configuration;

namespace Runs.Tests.Security;

/// <summary>
/// Creates the page of all settings from the options classes, their default values, bounds and doc comments.
/// </summary>
internal static partial class ConfigurationReference
{
    private const string Introduction = """
        # Configuration

        <!-- Generated from the options classes and their doc comments: `make accept`. -->

        Settings come from environment variables, from files in `Secrets__Directory`, from arguments
        (`--Api:ReplyTimeout 00:00:05`), or from any other source of .NET configuration. `__` replaces `:`; `0` is the first item
        of a list, `<name>` a name that you choose. Durations are `d.hh:mm:ss`. `ASPNETCORE_ENVIRONMENT` selects the environment:
        `Development` accepts the key `vf_dev_secret`, and `Production` is the default.

        A server with invalid settings does not start: it names the first invalid connection setting, or else every invalid
        setting, and exits with code 78. An unknown name in a section is invalid, too. [operations.md](operations.md) says how
        to choose the connection settings and the limits.

        Outside Development, each log entry is one line of JSON (`Logging__Console__FormatterName=simple` for text).

        """;

    /// <summary>Creates the page.</summary>
    public static string Create(IReadOnlyList<Type> classes)
    {
        var page = new StringBuilder(Introduction.ReplaceLineEndings("\n"));
        foreach (var type in classes)
        {
            var title = GetSection(type) is { } section ? $"`{section}`" : "Process";
            page.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n{GetSummary(type, $"T:{type.FullName}")}\n\n");
            page.Append("| setting | default | bounds | meaning |\n|---|---|---|---|\n");
            AppendRows(page, type, GetSection(type) is { } name ? $"{name}__" : "");
        }

        return page.ToString();
    }

    /// <summary>The section that a class is bound to; null for other classes.</summary>
    public static string? GetSection(Type type) =>
        type.GetField("Section", BindingFlags.Public | BindingFlags.Static) is { IsLiteral: true } field
            ? (string?)field.GetRawConstantValue()
            : null;

    private static void AppendRows(StringBuilder page, Type type, string prefix)
    {
        var defaults = Activator.CreateInstance(type);
        foreach (var property in type.GetProperties().Where(property => property.CanWrite))
        {
            var name = prefix + GetName(property);
            var item = GetItemType(property.PropertyType);
            if (item is not null && item.Assembly == type.Assembly)
            {
                AppendRow(page, $"{name}…", "none", "", GetSummary(property));
                AppendRows(page, item, $"{name}__");
            }
            else
            {
                AppendRow(page, name, FormatDefault(property.GetValue(defaults)), GetBounds(property), GetSummary(property));
            }
        }
    }

    private static void AppendRow(StringBuilder page, string name, string defaultValue, string bounds, string meaning) =>
        page.Append(CultureInfo.InvariantCulture, $"| `{name}` | {defaultValue} | {bounds} | {meaning} |\n");

    private static string GetName(PropertyInfo property)
    {
        var key = property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? property.Name;
        var name = key.Replace(":", "__", StringComparison.Ordinal);
        return name == "urls" ? "ASPNETCORE_URLS"
            : GetItemType(property.PropertyType) is null ? name
            : IsDictionary(property.PropertyType) ? $"{name}__<name>"
            : $"{name}__0";
    }

    private static bool IsDictionary(Type type) => typeof(IDictionary).IsAssignableFrom(type);

    private static Type? GetItemType(Type type) =>
        type == typeof(string) || !typeof(IEnumerable).IsAssignableFrom(type) ? null
        : type.IsArray ? type.GetElementType()
        : type.GetGenericArguments()[^1];

    private static string FormatDefault(object? value) => value switch
    {
        null or "" => "none",
        string text => $"`{text}`",
        bool flag => flag ? "`true`" : "`false`",
        Enum name => $"`{name.ToString().ToLowerInvariant()}`",
        IEnumerable => "none",
        TimeSpan time => $"`{time:c}`",
        IFormattable number => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
        _ => throw new NotSupportedException($"A default of type {value.GetType()}"),
    };

    private static string GetBounds(PropertyInfo property)
    {
        if (property.PropertyType.IsEnum)
        {
            return string.Join(", ", Enum.GetNames(property.PropertyType).Select(name => $"`{name.ToLowerInvariant()}`"));
        }

        return property.GetCustomAttribute<RangeAttribute>() is { } range
            ? $"{FormatBound(range.Minimum)} to {FormatBound(range.Maximum)}"
            : "";
    }

    private static string FormatBound(object bound) =>
        bound as string ?? string.Create(CultureInfo.InvariantCulture, $"{bound:#,0.###}");

    private static string GetSummary(PropertyInfo property)
    {
        var type = property.DeclaringType!;
        return GetSummary(type, $"P:{type.FullName}.{property.Name}");
    }

    private static string GetSummary(Type type, string member)
    {
        var comments = XDocument.Load(Path.ChangeExtension(type.Assembly.Location, ".xml"));
        var summary = comments.Descendants("member")
            .SingleOrDefault(element => element.Attribute("name")!.Value == member)?
            .Element("summary")
            ?? throw new InvalidOperationException($"{member} has no doc comment, which its setting needs.");
        return Spaces().Replace(string.Concat(summary.Nodes().Select(Format)), " ").Trim();
    }

    private static string Format(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } reference => $"`{reference.Attribute("cref")!.Value.Split('.')[^1]}`",
        _ => throw new NotSupportedException($"A doc comment of a setting has {node}."),
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
