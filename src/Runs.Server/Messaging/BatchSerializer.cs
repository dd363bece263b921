using System.Net.Mime;
using MassTransit;

namespace Runs.Server.Messaging;

/// <summary>
/// Sends batches without an envelope. The headers of the message have what the receiver needs to answer.
/// </summary>
internal sealed class BatchSerializer(BatchFormat format) : IMessageSerializer
{
    private static readonly BatchSerializer Commands = new(BatchFormat.Commands);
    private static readonly BatchSerializer Replies = new(BatchFormat.Replies);

    public ContentType ContentType { get; } = new(format.ContentType);

    /// <summary>Selects this serializer for batches; other messages are not changed.</summary>
    public static void SetSerializer(SendContext context)
    {
        if (context is SendContext<EncodedBatch> { Message: var batch })
        {
            context.Serializer = batch.Format == BatchFormat.Commands ? Commands : Replies;
        }
    }

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class
    {
        context.Headers.Set(MessageHeaders.RequestId, context.RequestId?.ToString());
        context.Headers.Set(MessageHeaders.ResponseAddress, context.ResponseAddress?.ToString());
        return new BytesMessageBody(((EncodedBatch)(object)context.Message).ToJson());
    }
}
