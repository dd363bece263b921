using System.Text;
using MassTransit;
using MassTransit.Context;
using MassTransit.Serialization;
using RabbitMQ.Client;

namespace Runs.Server.Inbound;

/// <summary>
/// The copy of a message for the error queue: its body, the properties that identify it, small headers, and the cause.
/// The copy omits what the broker would reject or what has no meaning in a copy: <c>user_id</c>, <c>expiration</c>,
/// <c>reply_to</c>, further routing keys, tables and long texts.
/// </summary>
internal sealed class ErrorQueueReceiveContext : ReceiveContextProxy, ExceptionReceiveContext, RabbitMqBasicConsumeContext
{
    // All headers must fit into one frame, including those of the cause.
    private const int MaxHeaderBytes = 16 * 1024;
    private const int MaxCauseLength = 4 * 1024;

    private readonly ExceptionReceiveContext _context;
    private readonly RabbitMqBasicConsumeContext? _delivery;

    public ErrorQueueReceiveContext(ExceptionReceiveContext context, MessageDescription description)
        : base(context)
    {
        _context = context;
        context.TryGetPayload(out _delivery);
        Properties = CreateProperties(_delivery?.Properties, description);
        ExceptionHeaders.Set(MessageHeaders.Reason, "fault");
        ExceptionHeaders.Set(MessageHeaders.FaultExceptionType, TypeCache.GetShortName(context.Exception.GetType()));
        ExceptionHeaders.Set(MessageHeaders.FaultMessage, Truncate(context.Exception.GetBaseException().Message, MaxCauseLength));
        ExceptionHeaders.Set(MessageHeaders.FaultTimestamp, context.ExceptionTimestamp.ToString("O"));
        ExceptionHeaders.Set(MessageHeaders.FaultInputAddress, context.InputAddress.ToString());
    }

    public Exception Exception => _context.Exception;

    public DateTime ExceptionTimestamp => _context.ExceptionTimestamp;

    public ExceptionInfo ExceptionInfo => _context.ExceptionInfo;

    public SendHeaders ExceptionHeaders { get; } = new DictionarySendHeaders();

    public string Exchange => _delivery?.Exchange ?? "";

    public string RoutingKey => ""; // the exchange of the error queue has one queue

    public string ConsumerTag => _delivery?.ConsumerTag ?? "";

    public ulong DeliveryTag => _delivery?.DeliveryTag ?? 0;

    public IReadOnlyBasicProperties Properties { get; }

    /// <inheritdoc/>
    public override bool TryGetPayload<TPayload>(out TPayload payload)
    {
        if (this is TPayload self)
        {
            payload = self;
            return true;
        }

        return base.TryGetPayload(out payload);
    }

    private static BasicProperties CreateProperties(IReadOnlyBasicProperties? original, MessageDescription description)
    {
        var headers = new Dictionary<string, object?>();
        var remainingBytes = MaxHeaderBytes;
        foreach (var (name, value) in original?.Headers ?? new Dictionary<string, object?>())
        {
            if (name is not ("CC" or "BCC") && GetHeaderSize(name, value) is { } size && size <= remainingBytes)
            {
                remainingBytes -= size;
                headers[name] = value;
            }
        }

        // Stores the type that the exchange determined, so that an operator who returns the message directly to the
        // queue need not set it.
        if (description.Type is { } type)
        {
            headers[MessageHeaders.MessageType] = MessageUrn.ForTypeString(type);
        }

        return new BasicProperties
        {
            ContentType = original?.ContentType,
            ContentEncoding = original?.ContentEncoding,
            MessageId = original?.MessageId,
            CorrelationId = original?.CorrelationId,
            Type = original?.Type,
            AppId = original?.AppId,
            Headers = headers,
            Persistent = true,
        };
    }

    // Simple values only: the size of a table or an array has no limit.
    private static int? GetHeaderSize(string name, object? value) => value switch
    {
        byte[] bytes => bytes.Length,
        string text => Encoding.UTF8.GetByteCount(text),
        bool or byte or sbyte or short or ushort or int or uint or long or float or double or null => sizeof(long),
        _ => null,
    } + Encoding.UTF8.GetByteCount(name) + 8;

    private static string Truncate(string text, int limit) => text.Length <= limit ? text : string.Concat(text.AsSpan(0, limit), "…");
}
