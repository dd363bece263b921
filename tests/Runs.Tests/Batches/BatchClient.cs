using System.Collections.Concurrent;
using MassTransit;

namespace Runs.Tests.Batches;

/// <summary>Sends batches to the saga as the API does, and records every message that comes back.</summary>
internal sealed class BatchClient
{
    private readonly ConcurrentQueue<IReadOnlyList<BatchItem>> _replies = new();
    private readonly ConcurrentQueue<Fault> _faults = new();
    private readonly ClientFactoryContext _client;

    public BatchClient(IBus bus)
    {
        _client = bus.CreateClientFactory().Context;
        _client.ConnectConsumePipe(Pipe.Execute<ConsumeContext<ReplyBatch>>(reply => _replies.Enqueue(reply.Message.Replies)), default);
        _client.ConnectConsumePipe(Pipe.Execute<ConsumeContext<Fault>>(fault => _faults.Enqueue(fault.Message)), default);
    }

    /// <summary>The messages that came back, each with the replies in it.</summary>
    public IReadOnlyCollection<IReadOnlyList<BatchItem>> Messages => _replies;

    /// <summary>The faults of whole batches.</summary>
    public IReadOnlyCollection<Fault> Faults => _faults;

    /// <summary>All replies so far.</summary>
    public IEnumerable<BatchItem> Replies => _replies.SelectMany(replies => replies);

    /// <summary>Sends commands as one batch.</summary>
    public Task Send(params (Guid MessageId, object Command)[] commands) =>
        SendEncoded([.. commands.Select(command => BatchFormat.Commands.WriteItem(command.MessageId, command.Command))]);

    /// <summary>Sends encoded commands as one batch.</summary>
    public Task SendEncoded(params ReadOnlyMemory<byte>[] commands)
    {
        var batchId = NewId.NextGuid();
        var pipe = Pipe.Execute<SendContext<EncodedBatch>>(
            send => (send.RequestId, send.ResponseAddress) = (batchId, _client.ResponseAddress));
        return _client.GetRequestEndpoint<EncodedBatch>(ApiCommandQueue.Address)
            .Send(batchId, new EncodedBatch(BatchFormat.Commands, commands), pipe, default);
    }

    /// <summary>Waits for the reply to a command.</summary>
    public async Task<object> ReplyTo(Guid messageId)
    {
        await Eventually.Holds(() => Task.FromResult(Replies.Any(reply => reply.MessageId == messageId)));
        return Replies.Last(reply => reply.MessageId == messageId).GetMessage();
    }
}
