using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Runs.DocumentDbGateway;

/// <summary>
/// One client's socket: reads a message, executes it and writes the reply, until the client disconnects.
/// </summary>
internal sealed class ClientConnection(Socket socket, Commands commands)
{
    private const int OpReply = 1;
    private const int OpMsg = 2013;

    public async Task Serve()
    {
        socket.NoDelay = true;
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024));
        try
        {
            while (await ReadMessageSize(input) is { } size)
            {
                var message = ArrayPool<byte>.Shared.Rent(size);
                var read = await input.ReadAtLeastAsync(size);
                read.Buffer.Slice(0, size).CopyTo(message);
                input.AdvanceTo(read.Buffer.GetPosition(size));

                await Reply(new Request(message, size));
                ArrayPool<byte>.Shared.Return(message);
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The client has disconnected.
        }
        catch (Exception e)
        {
            // This task is not awaited: an error in one client's bytes ends its connection and is reported here.
            Console.Error.WriteLine(e);
        }
    }

    /// <returns>The size of the next message, or null when there is none.</returns>
    private static async Task<int?> ReadMessageSize(PipeReader input)
    {
        var read = await input.ReadAtLeastAsync(Request.HeaderSize);
        if (read.Buffer.Length < Request.HeaderSize)
        {
            return null;
        }

        var size = Size(read.Buffer);
        input.AdvanceTo(read.Buffer.Start);
        return size;
    }

    private static int Size(ReadOnlySequence<byte> buffer)
    {
        Span<byte> size = stackalloc byte[4];
        buffer.Slice(0, 4).CopyTo(size);
        return BinaryPrimitives.ReadInt32LittleEndian(size);
    }

    private async Task Reply(Request request)
    {
        var document = await commands.Execute(request);
        if (request.WantsReply)
        {
            // Gathered by the kernel: a large document is not copied behind its header first.
            await socket.SendAsync([Prefix(request, document.Length), document]);
        }
    }

    /// <summary>The bytes before the document of the reply.</summary>
    private static byte[] Prefix(Request request, int documentSize)
    {
        // OP_REPLY: flags, cursor id, starting from, number returned. OP_MSG: flags, kind of section.
        var prefix = new byte[Request.HeaderSize + (request.IsLegacy ? 20 : 5)];
        BinaryPrimitives.WriteInt32LittleEndian(prefix, prefix.Length + documentSize);
        BinaryPrimitives.WriteInt32LittleEndian(prefix.AsSpan(8), request.Id);
        BinaryPrimitives.WriteInt32LittleEndian(prefix.AsSpan(12), request.IsLegacy ? OpReply : OpMsg);
        if (request.IsLegacy)
        {
            BinaryPrimitives.WriteInt32LittleEndian(prefix.AsSpan(Request.HeaderSize + 16), 1);
        }

        return prefix;
    }
}
