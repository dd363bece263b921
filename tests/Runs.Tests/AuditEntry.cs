using Microsoft.Extensions.Logging;

namespace Runs.Tests;

/// <summary>An entry of the audit log: its text and its members.</summary>
public sealed record AuditEntry(LogLevel Level, string Text, IReadOnlyDictionary<string, string> Members)
{
    public string this[string member] => Members.GetValueOrDefault(member, "");

    /// <summary>The action, the run and the status.</summary>
    public string Summary => $"{this["Action"]} {this["RunId"]} {this["Status"]}";
}
