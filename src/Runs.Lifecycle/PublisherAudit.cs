using Microsoft.Extensions.Logging;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Logs in the category <c>Runs.Audit</c> which runs publishers have changed. The API logs its callers there itself. What the service does on its
/// own is in the run's record of changes only.
/// </summary>
internal sealed partial class PublisherAudit(ILoggerFactory loggers)
{
    private const string Nothing = "-";

    private readonly ILogger _log = loggers.CreateLogger("Runs.Audit");

    /// <summary>Logs the last change of <paramref name="run"/>, which was just written, if a publisher made it.</summary>
    public void Log(Run run)
    {
        if (run.ChangedBy is [.., { Via: RunChanges.Broker } change] && _log.IsEnabled(LogLevel.Information))
        {
            LogChange(
                change.Actor?.Type ?? "unknown", change.Actor?.Id ?? Nothing, change.Actor?.KeyPrefix ?? Nothing, run.Tenant, change.Action,
                run.RunId, change.From ?? "new", change.To, change.TraceId ?? Nothing, change.MessageId);
        }
    }

    [LoggerMessage(
        LogLevel.Information,
        "Publisher that claims to be {ActorType} {ActorId} (key {KeyPrefix}) of {Tenant}: {Action} {RunId} {From} -> {To} "
        + "(trace {TraceId}, message {MessageId})")]
    private partial void LogChange(
        string actorType, string actorId, string keyPrefix, string tenant, string action, string runId, string from, string to,
        string traceId, Guid messageId);
}
