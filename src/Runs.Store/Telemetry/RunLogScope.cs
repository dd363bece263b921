using System.Collections;
using Microsoft.Extensions.Logging;

namespace Runs.Store;

/// <summary>
/// A scope of log entries about a run. Each entry has <c>tenant</c> and <c>run_id</c> and, while a command is handled,
/// <c>command</c> and <c>message_id</c>. The scope becomes text only when an entry is written.
/// </summary>
public sealed class RunLogScope : IEnumerable<KeyValuePair<string, object?>>
{
    /// <summary>The name of the tenant in an entry.</summary>
    public const string Tenant = "tenant";

    /// <summary>The name of the run's id in an entry.</summary>
    public const string RunId = "run_id";

    private readonly KeyValuePair<string, object?>[] _members;

    private RunLogScope(params KeyValuePair<string, object?>[] members) => _members = members;

    /// <summary>Begins the scope of a command.</summary>
    /// <param name="logger">Any logger: a scope applies to all of them.</param>
    /// <param name="tenant">The tenant of the run.</param>
    /// <param name="runId">The id of the run.</param>
    /// <param name="command">The simple name of the command's type.</param>
    /// <param name="messageId">The message id of the command.</param>
    public static IDisposable? Begin(ILogger logger, string tenant, string runId, string command, Guid? messageId) =>
        logger.BeginScope(new RunLogScope(
            new(Tenant, tenant), new(RunId, runId), new("command", command), new("message_id", messageId)));

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _members.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The scope for formatters that write scopes as text.</summary>
    public override string ToString() => string.Join(' ', _members.Select(member => $"{member.Key}:{member.Value}"));
}
