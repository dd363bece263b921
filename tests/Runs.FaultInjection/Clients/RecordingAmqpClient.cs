using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Reporting;
using Runs.FaultInjection.Workload;

namespace Runs.FaultInjection.Clients;

/// <summary>
/// Publishes commands as any service with an AMQP library can: raw JSON, with publisher confirms, with or without
/// <c>reply_to</c>. It connects again when its connection is lost, and records all results.
/// </summary>
internal sealed class RecordingAmqpClient(Experiment experiment) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<(string Kind, JsonElement Body)>> _pendingReplies = new();
    private readonly SemaphoreSlim _sessionLock = new(1);
    private AmqpSession? _session;
    private int _lastCorrelationId;

    /// <summary>The replies to commands that had a reply before: the command was redelivered.</summary>
    public int DuplicateReplies { get; private set; }

    public static bool IsConnectionFailure(Exception exception) => exception is
        AlreadyClosedException
        or OperationInterruptedException
        or BrokerUnreachableException
        or PublishException
        or ConnectFailureException
        or ProtocolException
        or SocketException
        or IOException
        or TimeoutException
        or ObjectDisposedException
        or InvalidOperationException;

    /// <summary>
    /// Publishes once, and waits for the reply or, without <paramref name="reply"/>, for the confirmation.
    /// </summary>
    public async Task<AmqpResult> PublishOnce(
        string exchange,
        string body,
        bool reply,
        string run,
        int attempt,
        double? firstStart = null)
    {
        var start = Clock.ElapsedSeconds;
        var (result, failure) = await Publish(exchange, body, reply, start);
        result = result with { End = Clock.ElapsedSeconds };
        experiment.CountResponse($"broker {result.Kind}");
        if (result.Kind == "Fault")
        {
            experiment.Violations.Add(Invariants.DocumentedResponses, $"{exchange} {run}: fault {result.Body}");
        }

        experiment.History.Add(new CallRecord(run, exchange, "broker", attempt, start, result.End, result.Kind)
        {
            Code = result.Code ?? failure,
            Changed = result.IsSnapshot ? result.Changed : null,
            Status = result.IsSnapshot ? result.Body.GetProperty("run").GetProperty("status").GetString() : null,
            FirstStart = firstStart,
            RunAttempt = result.ClaimedAttempt ?? ReadMember(body, "attempt")?.GetInt32(),
            ClaimId = ReadMember(body, "claim_id")?.GetString(),
        });
        return result;
    }

    /// <summary>Publishes until there is a reply, or a confirmation.</summary>
    public async Task<AmqpResult> PublishWithRetry(string exchange, string body, bool reply, TrackedRun run)
    {
        double? firstStart = null;
        for (var attempt = 1; ; attempt++)
        {
            var result = await PublishOnce(exchange, body, reply, run.Id, attempt, firstStart);
            if (result.IsSnapshot)
            {
                run.RecordObservation(Observation.FromJson(result.Body.GetProperty("run"), result.Start, result.End));
            }

            if (!result.IsTransientFailure)
            {
                return result;
            }

            firstStart ??= result.Start;
            await experiment.DelayBeforeRetry(attempt);
        }
    }

    /// <summary>Publishes a message that may be no command.</summary>
    public async Task PublishRaw(string exchange, byte[] body)
    {
        using var deadline = new CancellationTokenSource(RecordingHttpClient.ResponseTimeout);
        var session = await GetSession(deadline.Token);
        var properties = new BasicProperties { Persistent = true };
        await session.Channel.BasicPublishAsync(exchange, "", mandatory: true, properties, body, deadline.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is { } session)
        {
            await session.DisposeAsync();
        }

        _sessionLock.Dispose();
    }

    private static JsonElement? ReadMember(string body, string name) =>
        JsonElement.Parse(body).TryGetProperty(name, out var member) ? member : null;

    private async Task<(AmqpResult Result, string? Failure)> Publish(string exchange, string body, bool reply, double start)
    {
        using var deadline = new CancellationTokenSource(RecordingHttpClient.ResponseTimeout);
        var correlationId = $"{Interlocked.Increment(ref _lastCorrelationId)}";
        try
        {
            var pendingReply = _pendingReplies.GetOrAdd(
                correlationId,
                _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
            await Publish(exchange, body, reply ? correlationId : null, deadline.Token);
            if (!reply)
            {
                return (new AmqpResult("confirmed", default, start, End: 0), null);
            }

            var (kind, json) = await pendingReply.Task.WaitAsync(deadline.Token);
            return (new AmqpResult(kind, json, start, End: 0), null);
        }
        catch (OperationCanceledException)
        {
            return (new AmqpResult("late", default, start, End: 0), null);
        }
        catch (Exception exception) when (IsConnectionFailure(exception))
        {
            return (new AmqpResult("cut", default, start, End: 0), exception.GetType().Name);
        }
        finally
        {
            _pendingReplies.TryRemove(correlationId, out _);
        }
    }

    private async Task Publish(string exchange, string body, string? correlationId, CancellationToken cancellationToken)
    {
        var session = await GetSession(cancellationToken);
        var properties = new BasicProperties
        {
            ContentType = "application/json",
            MessageId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString(),
            Persistent = true,
            ReplyTo = correlationId is null ? null : session.ReplyQueue,
            CorrelationId = correlationId,
        };
        try
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            await session.Channel.BasicPublishAsync(exchange, "", mandatory: true, properties, bytes, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            session.IsUnresponsive = true; // the broker is frozen, or blocks publishers
            throw;
        }
    }

    private async Task<AmqpSession> GetSession(CancellationToken cancellationToken)
    {
        await _sessionLock.WaitAsync(cancellationToken);
        try
        {
            if (_session is { IsUsable: true } session)
            {
                return session;
            }

            if (_session is { } lost)
            {
                _session = null;
                _ = lost.DisposeAsync().AsTask();
            }

            return _session = await AmqpSession.Open(experiment.BrokerUrl, HandleReply, cancellationToken);
        }
        finally
        {
            _sessionLock.Release();
        }
    }

    private Task HandleReply(object sender, BasicDeliverEventArgs delivery)
    {
        var (correlationId, type) = (delivery.BasicProperties.CorrelationId ?? "", delivery.BasicProperties.Type ?? "");
        if (_pendingReplies.TryGetValue(correlationId, out var pendingReply))
        {
            pendingReply.TrySetResult((type, JsonElement.Parse(delivery.Body.Span)));
        }
        else
        {
            DuplicateReplies++;
        }

        return Task.CompletedTask;
    }
}
