using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Runs.Benchmarks.Load;

/// <summary>
/// A kept-alive HTTP connection with one request at a time. It reads only the parts of a response that a measurement
/// needs, and allocates nothing.
/// </summary>
internal sealed class RawHttpConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[32 * 1024];
    private int _start;
    private int _end;

    /// <summary>Whether the last response had a Retry-After header.</summary>
    public bool HasRetryAfter { get; private set; }

    /// <summary>The size of the last response's body.</summary>
    public long ResponseBytes { get; private set; }

    public static async Task<RawHttpConnection> Connect(int port, CancellationToken cancellationToken)
    {
        var connection = new RawHttpConnection();
        await connection._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        return connection;
    }

    /// <summary>Sends a request and reads the whole response.</summary>
    /// <returns>The status code.</returns>
    public async ValueTask<int> Send(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        for (var sent = 0; sent < request.Length;)
        {
            sent += await _socket.SendAsync(request[sent..], cancellationToken);
        }

        var line = await ReadLine(cancellationToken);
        var status = Utf8Parser.TryParse(_buffer.AsSpan(line.Start + 9, 3), out int code, out _) ? code : 0;
        (HasRetryAfter, var length, var isChunked) = (false, 0L, false);
        while ((line = await ReadLine(cancellationToken)).Length > 0)
        {
            var header = _buffer.AsSpan(line.Start, line.Length);
            if (ValueAfter(header, "Content-Length: "u8) is { IsEmpty: false } number)
            {
                _ = Utf8Parser.TryParse(number, out length, out _);
            }

            isChunked |= HasPrefix(header, "Transfer-Encoding: chunked"u8);
            HasRetryAfter |= HasPrefix(header, "Retry-After: "u8);
        }

        ResponseBytes = length;
        await (isChunked ? SkipChunks(cancellationToken) : Skip(length, cancellationToken));
        return status;
    }

    public void Dispose() => _socket.Dispose();

    private static bool HasPrefix(ReadOnlySpan<byte> header, ReadOnlySpan<byte> name) =>
        header.Length >= name.Length && Ascii.EqualsIgnoreCase(header[..name.Length], name);

    private static ReadOnlySpan<byte> ValueAfter(ReadOnlySpan<byte> header, ReadOnlySpan<byte> name) =>
        HasPrefix(header, name) ? header[name.Length..] : [];

    private async ValueTask SkipChunks(CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = await ReadLine(cancellationToken);
            if (!Utf8Parser.TryParse(_buffer.AsSpan(line.Start, line.Length), out long size, out _, 'X'))
            {
                throw new IOException("A response has a chunk without a size.");
            }

            ResponseBytes += size;
            await Skip(size + 2, cancellationToken); // with the line break after the chunk
            if (size == 0)
            {
                return;
            }
        }
    }

    private async ValueTask Skip(long count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            if (_start == _end)
            {
                await FillBuffer(cancellationToken);
            }

            var skipped = (int)Math.Min(count, _end - _start);
            (_start, count) = (_start + skipped, count - skipped);
        }
    }

    /// <summary>
    /// The position of the next line in the buffer, without its line break. It is valid until the next read.
    /// </summary>
    private async ValueTask<(int Start, int Length)> ReadLine(CancellationToken cancellationToken)
    {
        int end;
        while ((end = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n')) < 0)
        {
            await FillBuffer(cancellationToken);
        }

        var line = (_start, end - 1);
        _start += end + 1;
        return line;
    }

    private async ValueTask FillBuffer(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        var received = await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += received > 0 ? received : throw new IOException("The server has closed the connection.");
    }
}
