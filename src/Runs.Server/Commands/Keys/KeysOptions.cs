using System.Globalization;
using Runs.Contracts;
using Runs.Store;
using ApiScopes = Runs.Api.Authorization.Scopes;

namespace Runs.Server.Commands;

/// <summary>The command line of <see cref="KeysCommand"/>.</summary>
internal sealed record KeysOptions
{
    public required KeysVerb Verb { get; init; }

    public string? Prefix { get; init; }

    public string? Tenant { get; private set; }

    public string? UserId { get; private set; }

    public IReadOnlyList<string> Scopes { get; private set; } = ApiScopes.Default;

    public IReadOnlyList<string> Projects { get; private set; } = [];

    public string ActorType { get; private set; } = ResponderTypes.System;

    public DateTimeOffset? NotBefore { get; private set; }

    public DateTimeOffset? NotAfter { get; private set; }

    public TimeSpan Overlap { get; private set; } = TimeSpan.FromDays(1);

    public bool Json { get; private set; }

    public bool PrintOnly { get; private set; }

    /// <summary>Parses the arguments; null if they do not match the usage.</summary>
    public static KeysOptions? TryParse(string[] args)
    {
        var (options, named) = args switch
        {
            ["create", .. var rest] => (new KeysOptions { Verb = KeysVerb.Create }, rest),
            ["list", .. var rest] => (new KeysOptions { Verb = KeysVerb.List }, rest),
            ["revoke", var prefix, .. var rest] when ApiKey.IsValidPrefix(prefix) =>
                (new KeysOptions { Verb = KeysVerb.Revoke, Prefix = prefix }, rest),
            ["rotate", var prefix, .. var rest] when ApiKey.IsValidPrefix(prefix) =>
                (new KeysOptions { Verb = KeysVerb.Rotate, Prefix = prefix }, rest),
            _ => (null, args),
        };
        return options is not null && options.TryReadOptions(named) && (options.Verb != KeysVerb.Create || options.Tenant is not null)
            && !(options.NotAfter <= options.NotBefore)
            ? options
            : null;
    }

    private bool TryReadOptions(string[] arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            var isFlag = (Verb, arguments[i]) switch
            {
                (KeysVerb.Create or KeysVerb.List or KeysVerb.Rotate, "--json") => Json = true,
                (KeysVerb.Create, "--print-only") => PrintOnly = true,
                _ => false,
            };
            if (!isFlag && (i + 1 == arguments.Length || !TrySetOption(arguments[i], arguments[++i])))
            {
                return false;
            }
        }

        return true;
    }

    private bool TrySetOption(string option, string value)
    {
        switch (Verb, option)
        {
            case (KeysVerb.Create or KeysVerb.List, "--tenant") when IsTenant(value):
                Tenant = value;
                return true;
            case (KeysVerb.Create, "--user") when FieldRules.IsUuid(value):
                UserId = value.ToLowerInvariant();
                return true;
            case (KeysVerb.Create, "--scopes") when SplitWords(value) is { Length: > 0 } scopes && scopes.All(ApiScopes.All.Contains):
                Scopes = scopes;
                return true;
            case (KeysVerb.Create, "--projects") when SplitWords(value) is { Length: > 0 } projects && projects.All(FieldRules.IsUuid):
                Projects = [.. projects.Select(project => project.ToLowerInvariant())];
                return true;
            case (KeysVerb.Create, "--actor-type") when ResponderTypes.All.Contains(value):
                ActorType = value;
                return true;
            case (KeysVerb.Create, "--not-before") when ParseTime(value) is { } time:
                NotBefore = time;
                return true;
            case (KeysVerb.Create, "--not-after") when ParseTime(value) is { } time:
                NotAfter = time;
                return true;
            case (KeysVerb.Rotate, "--overlap") when ParseOverlap(value) is { } overlap:
                Overlap = overlap;
                return true;
            default:
                return false;
        }
    }

    private static string[] SplitWords(string text) => ApiScopes.SplitSpaceDelimited(text.Replace(',', ' '));

    private static bool IsTenant(string text) =>
        text.Length > 0 && FieldRules.CheckSingleLine(text, FieldLimits.MaxIdLength) is null;

    private static TimeSpan? ParseOverlap(string text) =>
        TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var overlap) && overlap >= TimeSpan.Zero && overlap.Days <= 365
            ? overlap
            : null;

    private static DateTimeOffset? ParseTime(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.TruncateToMilliseconds()
            : null;
}
