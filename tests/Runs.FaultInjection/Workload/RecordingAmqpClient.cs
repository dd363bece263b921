using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using Runs.FaultInjection.Checking;
using Runs.FaultInjection.Faults;
using Runs.FaultInjection.Reporting;

namespace Runs.FaultInjection.Workload;

/// <summary>
/// Publishes commands as any service would that knows AMQP and no more: raw JSON, confirmed by the broker, with <c>reply_to</c> or without. It connects anew whenever its
/// connection is gone.
/// </summary>
internal sealed class RecordingAmqpClient(Experiment experiment) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<(string Kind, JsonElement Body)>> _pendingReplies = new();
    private readonly SemaphoreSlim _sessionLock = new(1);
    private Session? _session;
    private int _lastCorrelationId;

    /// <summary>Replies to calls that were answered before: the command was delivered again.</summary>
    public int DuplicateReplies { get; private set; }

    /// <summary>Publishes once. With <paramref name="reply"/> the answer is waited for; without, the broker's confirmation.</summary>
    public async Task<AmqpResult> PublishOnce(string exchange, string body, bool reply, string run, int attempt)
    {
        using var deadline = new CancellationTokenSource(RecordingHttpClient.ResponseTimeout);
        var (start, number) = (Clock.ElapsedSeconds, $"{Interlocked.Increment(ref _lastCorrelationId)}");
        var answer = new AmqpResult("late", default, start, 0);
        string? code = null;
        try
        {
            var waiting = _pendingReplies.GetOrAdd(number, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
            await Publish(exchange, body, reply ? number : null, deadline.Token);
            answer = reply
                ? await waiting.Task.WaitAsync(deadline.Token) is var (kind, json) ? answer with { Kind = kind, Body = json } : answer
                : answer with { Kind = "confirmed" };
        }
        catch (OperationCanceledException)
        {
            // late
        }
        catch (Exception trouble) when (IsConnectionFailure(trouble))
        {
            (answer, code) = (answer with { Kind = "cut" }, trouble.GetType().Name);
        }
        finally
        {
            _pendingReplies.TryRemove(number, out _);
        }

        answer = answer with { End = Clock.ElapsedSeconds };
        experiment.CountResponse($"broker {answer.Kind}");
        if (answer.Kind == "Fault")
        {
            experiment.Violations.Add(Invariants.DocumentedResponses, $"{exchange} {run}: fault {answer.Body}");
        }

        experiment.History.Add(new CallRecord(
            run, exchange, "broker", attempt, start, answer.End, answer.Kind, answer.Code ?? code, answer.Kind == "RunSnapshot" ? answer.Changed : null,
            answer.Kind == "RunSnapshot" ? answer.Body.GetProperty("run").GetProperty("status").GetString() : null));
        return answer;
    }

    /// <summary>Publishes again until there is an answer, or a confirmation.</summary>
    public async Task<AmqpResult> PublishWithRetry(string exchange, string body, bool reply, TrackedRun trackedRun)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await PublishOnce(exchange, body, reply, trackedRun.Id, attempt);
            if (!answer.IsTransientFailure)
            {
                if (answer.Kind == "RunSnapshot")
                {
                    trackedRun.RecordObservation(Observation.FromJson(answer.Body.GetProperty("run"), answer.Start, answer.End));
                }

                return answer;
            }

            await experiment.DelayBeforeRetry(attempt);
        }
    }

    /// <summary>Publishes bytes that no server can use.</summary>
    public async Task PublishRaw(string exchange, byte[] body)
    {
        using var deadline = new CancellationTokenSource(RecordingHttpClient.ResponseTimeout);
        var session = await GetSession(deadline.Token);
        await session.Channel.BasicPublishAsync(exchange, "", mandatory: true, new BasicProperties { Persistent = true }, body, deadline.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is { } session)
        {
            await session.DisposeAsync();
        }

        _sessionLock.Dispose();
    }

    public static bool IsConnectionFailure(Exception exception) => exception is
        AlreadyClosedException or OperationInterruptedException or BrokerUnreachableException or PublishException or ConnectFailureException or IOException
        or TimeoutException or System.Net.Sockets.SocketException or ObjectDisposedException or ProtocolException or InvalidOperationException;

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
            await session.Channel.BasicPublishAsync(exchange, "", mandatory: true, properties, Encoding.UTF8.GetBytes(body), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            session.IsUnresponsive = true; // frozen, or blocked by an alarm
            throw;
        }
    }

    private async Task<Session> GetSession(CancellationToken cancellationToken)
    {
        await _sessionLock.WaitAsync(cancellationToken);
        try
        {
            if (_session is { IsUsable: true } session)
            {
                return session;
            }

            if (_session is { } dead)
            {
                _session = null;
                _ = dead.DisposeAsync().AsTask();
            }

            return _session = await Session.Open(experiment.BrokerUrl, HandleReply, cancellationToken);
        }
        finally
        {
            _sessionLock.Release();
        }
    }

    private Task HandleReply(object sender, BasicDeliverEventArgs delivery)
    {
        var (number, type) = (delivery.BasicProperties.CorrelationId ?? "", delivery.BasicProperties.Type ?? "");
        if (_pendingReplies.TryGetValue(number, out var waiting))
        {
            waiting.TrySetResult((type, JsonElement.Parse(delivery.Body.Span)));
        }
        else
        {
            DuplicateReplies++;
        }

        return Task.CompletedTask;
    }

    private sealed class Session(IConnection connection, IChannel channel, string replyQueue) : IAsyncDisposable
    {
        public IChannel Channel => channel;

        public string ReplyQueue => replyQueue;

        public bool IsUnresponsive { get; set; }

        public bool IsUsable => !IsUnresponsive && connection.IsOpen && channel.IsOpen;

        public static async Task<Session> Open(Uri url, AsyncEventHandler<BasicDeliverEventArgs> handleReply, CancellationToken cancellationToken)
        {
            var factory = new ConnectionFactory
            {
                Uri = url,
                AutomaticRecoveryEnabled = false,
                RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
                ContinuationTimeout = TimeSpan.FromSeconds(5),
                RequestedHeartbeat = TimeSpan.FromSeconds(5),
            };
            var connection = await factory.CreateConnectionAsync(cancellationToken);
            try
            {
                var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
                var replies = (await channel.QueueDeclareAsync(cancellationToken: cancellationToken)).QueueName;
                var consumer = new AsyncEventingBasicConsumer(channel);
                consumer.ReceivedAsync += handleReply;
                await channel.BasicConsumeAsync(replies, autoAck: true, consumer, cancellationToken);
                return new Session(connection, channel, replies);
            }
            catch
            {
                await connection.CloseAsync(200, "done", TimeSpan.FromSeconds(1), abort: true, CancellationToken.None);
                connection.Dispose();
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            try
            {
                await connection.CloseAsync(200, "done", TimeSpan.FromSeconds(1), abort: true, CancellationToken.None);
                await connection.DisposeAsync();
            }
            catch (Exception trouble) when (IsConnectionFailure(trouble) || trouble is OperationCanceledException)
            {
                // it is gone either way
            }
        }
    }
}
