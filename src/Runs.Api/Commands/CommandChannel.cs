using MassTransit;
using Microsoft.Extensions.Options;

namespace Runs.Api.Commands;

/// <summary>
/// Sends batches of commands to <see cref="ApiCommandQueue"/> and receives the batches of their replies at this
/// process's reply endpoint.
/// </summary>
internal sealed class CommandChannel
{
    private readonly IClientFactory _clients;
    private readonly CommandBatcher _batcher;

    public CommandChannel(IClientFactory clients, IOptions<ApiOptions> options, TimeProvider clock)
    {
        _clients = clients;
        _batcher = new CommandBatcher(SendBatch, options.Value.ReplyTimeout, clock);
        clients.Context.ConnectConsumePipe(
            Pipe.Execute<ConsumeContext<ReplyBatch>>(replies => _batcher.Complete(replies.Message)), default);
        clients.Context.ConnectConsumePipe(Pipe.Execute<ConsumeContext<Fault>>(ReportFault), default);
    }

    /// <inheritdoc cref="CommandBatcher.Send"/>
    public Task<object> Send(object command, CancellationToken cancellationToken) => _batcher.Send(command, cancellationToken);

    // Commands never expire in the broker: by default a message has no time to live.
    private Task SendBatch(Guid batchId, EncodedBatch batch, CancellationToken cancellationToken) =>
        _clients.Context.GetRequestEndpoint<EncodedBatch>(ApiCommandQueue.Address).Send(
            batchId, batch,
            Pipe.Execute<SendContext<EncodedBatch>>(send =>
            {
                send.RequestId = batchId;
                send.ResponseAddress = _clients.Context.ResponseAddress;
            }),
            cancellationToken);

    // A fault concerns the batch as a whole. If the batch was invalid, none of its commands was executed: a lifecycle
    // process of another release does not know its version.
    private void ReportFault(ConsumeContext<Fault> fault)
    {
        if (fault.RequestId is { } batchId)
        {
            var failure = new CommandFailedException(string.Join(" ", fault.Message.Exceptions.Select(exception => exception.Message)));
            _batcher.Fail(batchId, fault.Message.Exceptions.All(IsInvalidMessage) ? new CommandNotConfirmedException(failure) : failure);
        }
    }

    private static bool IsInvalidMessage(ExceptionInfo exception) =>
        exception.ExceptionType == TypeCache<InvalidMessageException>.ShortName;
}
