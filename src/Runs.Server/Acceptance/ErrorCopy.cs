using System.Text;
using MassTransit;
using MassTransit.Context;
using MassTransit.Serialization;
using RabbitMQ.Client;

namespace Runs.Server.Acceptance;

/// <summary>
/// A message as the error queue keeps it: its bytes, the properties that say what it is, small headers, and the cause. What is left out would be refused by the broker or
/// makes no sense in a copy: <c>user_id</c>, <c>expiration</c>, <c>reply_to</c>, further routing keys, tables and long texts.
/// </summary>
internal sealed class ErrorCopy : ReceiveContextProxy, ExceptionReceiveContext, RabbitMqBasicConsumeContext
{
    // All headers have to fit into one frame, with those that the cause needs.
    private const int HeaderBudget = 16 * 1024;
    private const int CauseBudget = 4 * 1024;

    private readonly ExceptionReceiveContext _context;
    private readonly RabbitMqBasicConsumeContext? _delivery;

    public ErrorCopy(ExceptionReceiveContext context, MessageDescription known)
        : base(context)
    {
        _context = context;
        context.TryGetPayload(out _delivery);
        Properties = PropertiesOf(_delivery?.Properties, known);
        ExceptionHeaders.Set(MessageHeaders.Reason, "fault");
        ExceptionHeaders.Set(MessageHeaders.FaultExceptionType, TypeCache.GetShortName(context.Exception.GetType()));
        ExceptionHeaders.Set(MessageHeaders.FaultMessage, Shortened(context.Exception.GetBaseException().Message, CauseBudget));
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

    private static BasicProperties PropertiesOf(IReadOnlyBasicProperties? original, MessageDescription known)
    {
        var headers = new Dictionary<string, object?>();
        var left = HeaderBudget;
        foreach (var (name, value) in original?.Headers ?? new Dictionary<string, object?>())
        {
            if (name is not ("CC" or "BCC") && SizeOf(name, value) is { } size && size <= left)
            {
                left -= size;
                headers[name] = value;
            }
        }

        // Whoever puts it back, straight into the queue, need not say again what the exchange had said.
        if (known.Type is { } type)
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

    // Simple values only: a table or an array has no bound.
    private static int? SizeOf(string name, object? value) => value switch
    {
        byte[] bytes => bytes.Length,
        string text => Encoding.UTF8.GetByteCount(text),
        bool or byte or sbyte or short or ushort or int or uint or long or float or double or null => sizeof(long),
        _ => null,
    } + Encoding.UTF8.GetByteCount(name) + 8;

    private static string Shortened(string text, int limit) => text.Length <= limit ? text : string.Concat(text.AsSpan(0, limit), "…");
}
