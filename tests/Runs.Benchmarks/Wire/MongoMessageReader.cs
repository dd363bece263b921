using System.Buffers.Binary;
using System.Text;

namespace Runs.Benchmarks.Wire;

/// <summary>
/// Reads MongoDB's wire protocol: messages that begin with their length. The name of a command is the name of the first
/// member of its document; the collection is usually that member's value.
/// </summary>
internal sealed class MongoMessageReader(bool fromClient) : IProtocolReader
{
    private const int Header = 16;
    private const int OpMsg = 2013;

    private static readonly HashSet<string> CountedCommands =
    [
        "insert", "update", "delete", "findAndModify", "find", "getMore", "aggregate", "commitTransaction",
    ];

    /// <summary>Whether the command of this name writes.</summary>
    public static bool IsWrite(string name) =>
        name.Split(' ')[0] is "insert" or "update" or "delete" or "findAndModify" or "commitTransaction";

    public async Task<ProtocolMessage?> Read(Stream input, CancellationToken cancellationToken)
    {
        var length = new byte[4];
        if (await input.ReadAtLeastAsync(length, length.Length, throwOnEndOfStream: false, cancellationToken) < length.Length)
        {
            return null;
        }

        var message = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
        length.CopyTo(message, 0);
        await input.ReadExactlyAsync(message.AsMemory(length.Length), cancellationToken);
        var isCommand = fromClient && BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(12)) == OpMsg;
        return new ProtocolMessage(message, isCommand ? CommandName(message) : null);
    }

    private static string? CommandName(ReadOnlySpan<byte> message)
    {
        // Sections: kind 0 is the document of the command, kind 1 a list of documents with its size.
        var section = Header + 4;
        while (message[section] == 1)
        {
            section += 1 + BinaryPrimitives.ReadInt32LittleEndian(message[(section + 1)..]);
        }

        var member = message[(section + 5)..];
        var name = ReadCString(member[1..]);
        return !CountedCommands.Contains(name) ? null
            : member[0] == 2 ? $"{name} {ReadCString(member[(name.Length + 6)..])}"
            : name;
    }

    private static string ReadCString(ReadOnlySpan<byte> zeroTerminated) =>
        Encoding.UTF8.GetString(zeroTerminated[..zeroTerminated.IndexOf((byte)0)]);
}
