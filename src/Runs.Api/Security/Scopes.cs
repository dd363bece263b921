namespace Runs.Api.Security;

/// <summary>What a credential may do: the members of <c>scope</c>. Every route needs one of them.</summary>
public static class Scopes
{
    /// <summary>Read runs, logs and input requests.</summary>
    public const string Read = "read";

    /// <summary>Create, cancel and resume runs.</summary>
    public const string Write = "write";

    /// <summary>Start runs, append to their logs, let them wait, ask for input, and complete them.</summary>
    public const string Execute = "execute";

    /// <summary>Answer input requests, or decline them.</summary>
    public const string Answer = "answer";

    /// <summary>Administer the tenant: its keys, deletion, holds, retention. No route needs it yet.</summary>
    public const string Admin = "admin";

    /// <summary>Operate the whole service, bound to no tenant. No route needs it yet.</summary>
    public const string Operate = "operate";

    /// <summary>Every scope.</summary>
    public static IReadOnlyList<string> All { get; } = [Read, Write, Execute, Answer, Admin, Operate];

    /// <summary>The scopes of a credential that names none: all but <see cref="Admin"/> and <see cref="Operate"/>.</summary>
    public static IReadOnlyList<string> Default { get; } = [Read, Write, Execute, Answer];

    /// <summary>The words of a text that is separated by blanks.</summary>
    public static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
