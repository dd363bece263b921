using System.Net.Sockets;

namespace Runs.Server.Messaging;

/// <summary>
/// The stream of a connection to the broker. What it reads has passed through <see cref="DeliveryHeaderRewriter"/>. It
/// is a <see cref="NetworkStream"/> because RabbitMQ.Client requires one.
/// </summary>
/// <param name="socket">The connected socket, which the stream does not own.</param>
/// <param name="transport">What is read and written: the socket's stream, or TLS on it.</param>
internal sealed class BrokerStream(Socket socket, Stream transport) : NetworkStream(socket, ownsSocket: false)
{
    private readonly DeliveryHeaderRewriter _rewriter = new();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await transport.ReadAsync(buffer, cancellationToken);
        _rewriter.Rewrite(buffer.Span[..count]);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer)
    {
        var count = transport.Read(buffer);
        _rewriter.Rewrite(buffer[..count]);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        transport.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        transport.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(ReadOnlySpan<byte> buffer) => transport.Write(buffer);

    public override void Write(byte[] buffer, int offset, int count) => transport.Write(buffer, offset, count);

    public override void Flush() => transport.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => transport.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            transport.Dispose();
        }

        base.Dispose(disposing);
    }
}
