using System.Text.RegularExpressions;

namespace Runs.EndToEnd.Tests;

/// <summary>
/// The users of the broker, with the permissions of docs/publishers.md. The password of each user is its name.
/// </summary>
internal static partial class BrokerUsers
{
    public const string Service = "runs";
    public const string Publisher = "publisher";
    public const string Worker = "worker";

    public static readonly string[] Names = [Service, Publisher, Worker];

    /// <summary>The permissions of each user to configure, write and read.</summary>
    public static readonly Dictionary<string, BrokerPermissions> Permissions =
        File.ReadLines(Path.Combine(Repository.Root, "docs/publishers.md"))
            .Select(line => Command().Match(line))
            .Where(match => match.Success)
            .ToDictionary(
                match => match.Groups["user"].Value,
                match => new BrokerPermissions(match.Groups["configure"].Value, match.Groups["write"].Value, match.Groups["read"].Value));

    [GeneratedRegex(@"^rabbitmqctl set_permissions -p \S+ (?<user>\S+)\s+'(?<configure>[^']*)'\s+'(?<write>[^']*)'\s+'(?<read>[^']*)'")]
    private static partial Regex Command();
}
