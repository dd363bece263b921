namespace Runs.Api.Authorization;

/// <summary>The scopes of credentials. Every route requires one of them.</summary>
public static class Scopes
{
    /// <summary>Read runs, logs and input requests.</summary>
    public const string Read = "read";

    /// <summary>Create, cancel and resume runs.</summary>
    public const string Write = "write";

    /// <summary>
    /// Register and revoke workers; start runs, append to their logs, make them wait, request input, and complete them.
    /// </summary>
    public const string Execute = "execute";

    /// <summary>Answer or cancel input requests.</summary>
    public const string Answer = "answer";

    /// <summary>Administer the tenant: its keys, deletion, holds, retention. No route requires it yet.</summary>
    public const string Admin = "admin";

    /// <summary>Operate the whole service, across tenants. No route requires it yet.</summary>
    public const string Operate = "operate";

    /// <summary>Every scope.</summary>
    public static IReadOnlyList<string> All { get; } = [Read, Write, Execute, Answer, Admin, Operate];

    /// <summary>
    /// The scopes of a credential that names none: all except <see cref="Admin"/> and <see cref="Operate"/>.
    /// </summary>
    public static IReadOnlyList<string> Default { get; } = [Read, Write, Execute, Answer];

    /// <summary>Splits a space-delimited string.</summary>
    public static string[] SplitSpaceDelimited(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
