using System.Buffers;
using System.IO.Pipelines;

namespace Runs.Api.Http;

/// <summary>
/// The body of a request before decompression. A pending read can be cancelled, and Kestrel can drain the rest of the
/// body then. Kestrel's own stream supports cancellation by a token only, which leaves its reader in an invalid state:
/// Kestrel logs an error and closes the connection.
/// </summary>
internal sealed class CompressedBodyStream(PipeReader body) : AsyncReadStream
{
    /// <summary>Cancels the pending read, or the next one. It throws.</summary>
    public void CancelPendingRead() => body.CancelPendingRead();

    /// <remarks>Ignores the token. An aborted request ends the read.</remarks>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var read = await body.ReadAsync(CancellationToken.None);
            if (read.IsCanceled)
            {
                body.AdvanceTo(read.Buffer.Start);
                throw new OperationCanceledException("The read was cancelled.");
            }

            var count = (int)Math.Min(buffer.Length, read.Buffer.Length);
            var bytes = read.Buffer.Slice(0, count);
            bytes.CopyTo(buffer.Span);
            body.AdvanceTo(bytes.End); // which invalidates the bytes
            if (count > 0 || buffer.IsEmpty || read.IsCompleted)
            {
                return count;
            }
        }
    }
}
