using System.Text.RegularExpressions;
using YamlDotNet.Serialization;

namespace Runs.Tests.Observability;

/// <summary>
/// The files of deploy/prometheus agree with the pages: each alert has a section in docs/runbooks.md, and each metric
/// is in the table of docs/operations.md. tests/alerts.sh runs the tests of the alerts.
/// </summary>
public sealed partial class AlertRulesTests
{
    private const string Runbooks = "docs/runbooks.md";

    // The files that name metrics.
    private static readonly string[] Files =
        ["deploy/prometheus/rules.yml", "deploy/prometheus/alerts.yml", "deploy/prometheus/alerts_test.yml", Runbooks];

    private static readonly string[] Parts = ["Users notice.", "Look.", "Do.", "Do not."];

    private static readonly string[] Severities = ["page", "ticket"];

    public static TheoryData<string> Alerts => [.. ReadAlerts().Select(GetName)];

    [Theory]
    [MemberData(nameof(Alerts))]
    public void An_alert_has_a_severity_texts_and_the_address_of_its_runbook(string alert)
    {
        var rule = ReadAlerts().Single(rule => GetName(rule) == alert);
        var annotations = (Dictionary<object, object>)rule["annotations"];

        Assert.Contains(((Dictionary<object, object>)rule["labels"])["severity"], Severities);
        Assert.All(["summary", "description"], name => Assert.NotEmpty((string)annotations[name]));
        Assert.Equal($"{Runbooks}#{alert.ToLowerInvariant()}", annotations["runbook_url"]);
    }

    [Fact]
    public void Each_section_of_the_runbooks_is_that_of_an_alert_in_their_order() =>
        Assert.Equal(ReadAlerts().Select(GetName), Heading().Matches(Read(Runbooks)).Select(heading => heading.Groups["name"].Value));

    [Theory]
    [MemberData(nameof(Alerts))]
    public void A_runbook_says_what_users_notice_and_what_to_do(string alert)
    {
        var section = Read(Runbooks).Split("\n## ").Single(section => section.StartsWith($"{alert}\n", StringComparison.Ordinal));

        Assert.Equal(Parts, Part().Matches(section).Select(part => part.Groups["name"].Value));
    }

    [Theory]
    [MemberData(nameof(Alerts))]
    public void An_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not(string alert)
    {
        var expected = ReadYaml<Dictionary<string, object>>("alerts_test.yml")["tests"];
        var fires = Items(expected)
            .SelectMany(test => Items(test["alert_rule_test"]))
            .Where(test => (string)test["alertname"] == alert)
            .Select(test => ((List<object>)test["exp_alerts"]).Count > 0)
            .ToList();

        Assert.Contains(true, fires);
        Assert.Contains(false, fires);
    }

    [Fact]
    public void Each_metric_of_the_service_is_in_the_table_of_operations()
    {
        var documented = ReadTable().Select(metric => metric.Name).ToHashSet();

        var used = Files.SelectMany(file => MetricName().Matches(Read(file))).Select(match => match.Value).Distinct();

        Assert.Empty(used.Except(documented));
    }

    [Fact]
    public void Each_label_of_a_metric_is_one_of_its_attributes()
    {
        var attributes = ReadTable().ToLookup(metric => metric.Name, metric => metric.Attributes);

        var unknown =
            from rule in ReadRules("rules.yml").Concat(ReadAlerts())
            from selector in Selector().Matches((string)rule["expr"])
            let metric = selector.Groups["metric"].Value
            from label in Label().Matches(selector.Groups["labels"].Value)
            let name = label.Groups["name"].Value
            where name != "le" && !attributes[metric].Any(text => text.Contains($"`{name}`", StringComparison.Ordinal))
            select $"{metric}: {name}";

        Assert.Empty(unknown);
    }

    [Fact]
    public void The_alerts_use_the_names_that_are_recorded()
    {
        var recorded = ReadRules("rules.yml").Select(rule => (string)rule["record"]);

        var used = ReadAlerts().SelectMany(rule => RecordedName().Matches((string)rule["expr"])).Select(match => match.Value).Distinct();

        Assert.Equal(recorded.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
    }

    private static string GetName(Dictionary<object, object> alert) => (string)alert["alert"];

    private static List<Dictionary<object, object>> ReadAlerts() => ReadRules("alerts.yml");

    private static List<Dictionary<object, object>> ReadRules(string file) =>
    [
        .. ReadYaml<Dictionary<string, List<Dictionary<string, object>>>>(file)["groups"].SelectMany(group => Items(group["rules"])),
    ];

    private static T ReadYaml<T>(string file) => new DeserializerBuilder().Build().Deserialize<T>(Read($"deploy/prometheus/{file}"));

    private static IEnumerable<Dictionary<object, object>> Items(object list) => ((List<object>)list).Cast<Dictionary<object, object>>();

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    /// <summary>The names that Prometheus gives the metrics of the table, and the attributes of each.</summary>
    private static IEnumerable<(string Name, string Attributes)> ReadTable() =>
        from row in Row().Matches(Read("docs/operations.md"))
        from instrument in Instrument().Matches(row.Groups["instruments"].Value)
        from name in GetPrometheusNames(instrument.Value, row.Groups["type"].Value)
        select (name, row.Groups["attributes"].Value);

    // Dots become underscores, and the unit and the type a suffix. "gauge; s": the second one of the row is in seconds.
    private static IEnumerable<string> GetPrometheusNames(string instrument, string type)
    {
        var name = instrument.Replace('.', '_');
        return type switch
        {
            "counter" => [$"{name}_total"],
            "up-down counter" => [name],
            "histogram" or "histogram, s" => new[] { "bucket", "count", "sum" }
                .Select(part => $"{name}{(type.EndsWith(" s", StringComparison.Ordinal) ? "_seconds" : "")}_{part}"),
            _ when type.StartsWith("gauge", StringComparison.Ordinal) => [name, $"{name}_seconds"],
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not the type of an instrument."),
        };
    }

    [GeneratedRegex("^## (?<name>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\*\*(?<name>[^*]+)\*\*", RegexOptions.Multiline)]
    private static partial Regex Part();

    [GeneratedRegex(@"^\| (?<instruments>`runs\.[^|]+) \| (?<type>[^|]+) \|(?<attributes>[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("(?<=`)runs[.][a-z.]+(?=`)")]
    private static partial Regex Instrument();

    // Not the label runs_role.
    [GeneratedRegex(@"\bruns_\w+\b(?!=)")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"\bruns:\w+:\w+")]
    private static partial Regex RecordedName();

    [GeneratedRegex(@"\b(?<metric>runs_\w+)\{(?<labels>[^}]*)\}")]
    private static partial Regex Selector();

    [GeneratedRegex(@"(?<name>\w+)(=~|!~|!=|=)")]
    private static partial Regex Label();
}
