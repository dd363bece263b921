using Microsoft.Extensions.Logging;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// Logs in the category <c>Runs.Audit</c> which runs publishers have changed, which of their commands were refused, and which messages were rejected. The API logs its callers
/// there itself. What the service does on its own is in the run's record of changes only. A few refusals and a few rejections a second are logged, of all publishers together:
/// a publisher chooses the tenant that it names. The others are counted.
/// </summary>
internal sealed partial class PublisherAudit(ILoggerFactory loggers, TimeProvider clock)
{
    private const int EntriesPerSecond = 10;
    private const string Nothing = "-";
    private const string Unknown = "unknown";

    private readonly ILogger _log = loggers.CreateLogger("Runs.Audit");
    private readonly LogLimiter _refusals = new(EntriesPerSecond, clock);
    private readonly LogLimiter _rejections = new(EntriesPerSecond, clock);

    /// <summary>Logs the last change of <paramref name="run"/>, which was just written, if a publisher made it.</summary>
    public void Log(Run run)
    {
        if (run.ChangedBy is [.., { Via: RunChanges.Broker } change] && _log.IsEnabled(LogLevel.Information))
        {
            LogChange(
                change.Actor?.Type ?? Unknown, change.Actor?.Id ?? Nothing, change.Actor?.KeyPrefix ?? Nothing, run.Tenant, change.Action,
                run.RunId, change.From ?? "new", change.To, change.TraceId ?? Nothing, change.MessageId);
        }
    }

    /// <summary>Logs that a publisher's command, which is well formed, was refused with <paramref name="code"/> and has changed nothing.</summary>
    public void LogRefused(object command, Guid? messageId, string code)
    {
        if (_log.IsEnabled(LogLevel.Information) && _refusals.TryAcquire(out var suppressed))
        {
            var (action, actor, trace) = RunChanges.Describe(command);
            var (tenant, runId) = RunAddress.Of(command);
            LogRefusal(
                actor?.Type ?? Unknown, actor?.Id ?? Nothing, actor?.KeyPrefix ?? Nothing, tenant, action, runId, code, trace ?? Nothing, messageId ?? Guid.Empty, suppressed);
        }
    }

    /// <summary>Logs that a publisher's message was rejected, and moved to the error queue with its cause.</summary>
    /// <param name="user">The publisher's broker user, if the message has one. The broker has validated it.</param>
    /// <param name="type">What the message is, if that is known.</param>
    /// <param name="command">The command, if it could be read. Nothing in it has been checked.</param>
    public void LogRejected(string? user, Type? type, object? command)
    {
        if (_log.IsEnabled(LogLevel.Warning) && _rejections.TryAcquire(out var suppressed))
        {
            var (tenant, runId) = command is null ? default : RunAddress.Of(command);
            LogRejection(
                user ?? Nothing, tenant is not null && Limits.Line(tenant, Limits.Key) is null ? tenant : Nothing, type is null ? Nothing : RunChanges.ActionOf(type),
                Limits.IsRunId(runId) ? runId : Nothing, suppressed);
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
        "Publisher that claims to be {ActorType} {ActorId} (key {KeyPrefix}) of {Tenant}: {Action} {RunId} refused with {Code} "
        + "(trace {TraceId}, message {MessageId}); {NotLogged} earlier refusals were not logged")]
    private partial void LogRefusal(
        string actorType, string actorId, string keyPrefix, string tenant, string action, string runId, string code,
        string traceId, Guid messageId, int notLogged);

    [LoggerMessage(
        LogLevel.Warning,
        "Rejected {Action} {RunId} of tenant {Tenant} from publisher {User}; {NotLogged} earlier rejections were not logged")]
    private partial void LogRejection(string user, string tenant, string action, string runId, int notLogged);
}
