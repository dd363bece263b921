using System.Globalization;
using Runs.Api;
using Runs.Contracts;

namespace Runs.Server;

/// <summary>What the command line of <see cref="KeysCommand"/> says.</summary>
internal sealed record KeysOptions
{
    public required string Verb { get; init; }
    public string? Prefix { get; init; }
    public string? Tenant { get; private set; }
    public Guid? UserId { get; private set; }
    public IReadOnlyList<string> Scopes { get; private set; } = Api.Security.Scopes.Default;
    public IReadOnlyList<string> Projects { get; private set; } = [];
    public string ActorType { get; private set; } = ResponderTypes.System;
    public DateTimeOffset? NotBefore { get; private set; }
    public DateTimeOffset? NotAfter { get; private set; }
    public TimeSpan Overlap { get; private set; } = TimeSpan.FromDays(1);
    public bool Json { get; private set; }
    public bool PrintOnly { get; private set; }

    /// <summary>The options, or null when they are not as the usage says.</summary>
    public static KeysOptions? TryParse(string[] args)
    {
        var (options, named) = args switch
        {
            ["create", .. var rest] => (new KeysOptions { Verb = "create" }, rest),
            ["list", .. var rest] => (new KeysOptions { Verb = "list" }, rest),
            ["revoke" or "rotate", var prefix, .. var rest] when ApiKey.IsPrefix(prefix) => (new KeysOptions { Verb = args[0], Prefix = prefix }, rest),
            _ => (null, args),
        };
        return options is not null && options.TryRead(named) && (options.Verb != "create" || options.Tenant is not null)
            && !(options.NotAfter <= options.NotBefore)
            ? options
            : null;
    }

    private bool TryRead(string[] named)
    {
        for (var i = 0; i < named.Length; i++)
        {
            var isFlag = (Verb, named[i]) switch
            {
                ("create" or "list" or "rotate", "--json") => Json = true,
                ("create", "--print-only") => PrintOnly = true,
                _ => false,
            };
            if (!isFlag && (i + 1 == named.Length || !TrySet(named[i], named[++i])))
            {
                return false;
            }
        }

        return true;
    }

    private bool TrySet(string option, string value)
    {
        switch (Verb, option)
        {
            case ("create" or "list", "--tenant") when value.Length > 0 && Limits.Line(value, Limits.Key) is null:
                Tenant = value;
                return true;
            case ("create", "--user") when Guid.TryParseExact(value, "D", out var user):
                UserId = user;
                return true;
            case ("create", "--scopes") when Words(value) is { Length: > 0 } scopes && scopes.All(Api.Security.Scopes.All.Contains):
                Scopes = scopes;
                return true;
            case ("create", "--projects") when Words(value) is { Length: > 0 } projects && projects.All(Limits.IsUuid):
                Projects = [.. projects.Select(project => project.ToLowerInvariant())];
                return true;
            case ("create", "--actor-type") when ResponderTypes.All.Contains(value):
                ActorType = value;
                return true;
            case ("create", "--not-before") when Time(value) is { } time:
                NotBefore = time;
                return true;
            case ("create", "--not-after") when Time(value) is { } time:
                NotAfter = time;
                return true;
            case ("rotate", "--overlap") when TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var overlap) && overlap >= TimeSpan.Zero && overlap.Days <= 365:
                Overlap = overlap;
                return true;
            default:
                return false;
        }
    }

    private static string[] Words(string text) => Api.Security.Scopes.Words(text.Replace(',', ' '));

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? UtcMilliseconds.Truncate(time) : null;
}
