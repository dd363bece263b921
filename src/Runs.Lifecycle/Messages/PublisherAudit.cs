using Microsoft.Extensions.Logging;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Logs publisher activity in the category <c>Runs.Audit</c>: the runs that publishers changed, the commands that were
/// rejected, and the messages that were invalid. The API logs its callers in the same category. Changes by the service
/// itself are only in the change history of the run. The log is limited to a few rejections and a few invalid messages
/// per second for all publishers together, because a publisher chooses the tenant that it names. The suppressed entries
/// are counted.
/// </summary>
internal sealed partial class PublisherAudit(ILoggerFactory loggers, TimeProvider clock)
{
    private const int EntriesPerSecond = 10;
    private const string Absent = "-";
    private const string Unknown = "unknown";

    private readonly ILogger _logger = loggers.CreateLogger("Runs.Audit");
    private readonly LogLimiter _rejectionLimiter = new(EntriesPerSecond, TimeSpan.FromSeconds(1), clock);
    private readonly LogLimiter _invalidMessageLimiter = new(EntriesPerSecond, TimeSpan.FromSeconds(1), clock);

    /// <summary>Logs the last change of <paramref name="run"/>, which was just saved, if a publisher made it.</summary>
    public void RecordChange(Run run)
    {
        if (run.Changes is [.., { Via: RunChanges.ViaBroker } change] && _logger.IsEnabled(LogLevel.Information))
        {
            LogChange(
                change.Actor?.Type ?? Unknown, change.Actor?.Id ?? Absent, change.Actor?.KeyPrefix ?? Absent, run.Tenant, change.Action,
                run.RunId, change.From ?? "new", change.To, change.TraceId ?? Absent, change.MessageId);
        }
    }

    /// <summary>
    /// Logs that a valid command of a publisher was rejected with <paramref name="code"/> and changed nothing.
    /// </summary>
    public void RecordRejection(object command, Guid? messageId, string code)
    {
        if (_logger.IsEnabled(LogLevel.Information) && _rejectionLimiter.TryAcquire(out var suppressed))
        {
            var (action, actor, trace) = RunChanges.Describe(command);
            var (tenant, runId) = RunReference.FromCommand(command);
            LogRejection(
                actor?.Type ?? Unknown, actor?.Id ?? Absent, actor?.KeyPrefix ?? Absent, tenant, action, runId, code,
                trace ?? Absent, messageId?.ToString() ?? Absent, suppressed);
        }
    }

    /// <summary>Logs that an invalid message of a publisher was moved to the error queue with its cause.</summary>
    /// <param name="user">
    /// The broker user of the publisher, if the message has one. The broker has validated it.
    /// </param>
    /// <param name="type">The message type, if known.</param>
    /// <param name="command">The command, if it could be read. Nothing in it has been checked.</param>
    public void RecordInvalidMessage(string? user, Type? type, object? command)
    {
        if (_logger.IsEnabled(LogLevel.Warning) && _invalidMessageLimiter.TryAcquire(out var suppressed))
        {
            var (tenant, runId) = command is null ? default : RunReference.FromCommand(command);
            LogInvalidMessage(
                user ?? Absent,
                tenant is not null && FieldRules.CheckSingleLine(tenant, FieldLimits.MaxIdLength) is null ? tenant : Absent,
                type is null ? Absent : RunActions.Get(type),
                FieldRules.IsRunId(runId) ? runId : Absent, suppressed);
        }
    }

    [LoggerMessage(
        LogLevel.Information,
        "Publisher that claims to be {ActorType} {ActorId} (key {KeyPrefix}) of {Tenant}: {Action} {RunId} {From} -> {To} "
        + "(trace {TraceId}, message {MessageId})")]
    private partial void LogChange(
        string actorType, string actorId, string keyPrefix, string tenant, string action, string runId, string from, string to,
        string traceId, Guid messageId);

    [LoggerMessage(
        LogLevel.Information,
        "Publisher that claims to be {ActorType} {ActorId} (key {KeyPrefix}) of {Tenant}: {Action} {RunId} rejected with {Code} "
        + "(trace {TraceId}, message {MessageId}); {NotLogged} earlier rejections were not logged")]
    private partial void LogRejection(
        string actorType, string actorId, string keyPrefix, string tenant, string action, string runId, string code,
        string traceId, string messageId, int notLogged);

    [LoggerMessage(
        LogLevel.Warning,
        "Rejected {Action} {RunId} of tenant {Tenant} from publisher {User}; {NotLogged} earlier rejections were not logged")]
    private partial void LogInvalidMessage(string user, string tenant, string action, string runId, int notLogged);
}
