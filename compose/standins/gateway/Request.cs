using System.Buffers.Binary;
using System.Collections.Frozen;
using MongoDB.Bson;
using MongoDB.Bson.IO;

namespace Runs.DocumentDbGateway;

/// <summary>
/// One command of a client, read from its wire form (OP_MSG, or the OP_QUERY a driver opens a connection with).
/// It borrows the message's buffer: it is valid only as long as that is.
/// </summary>
internal sealed class Request
{
    public const int HeaderSize = 16;
    private const int OpQuery = 2004;
    private const int OpMsg = 2013;
    private const int ChecksumPresent = 1;
    private const int MoreToCome = 2;

    /// <summary>Fields that speak to a MongoDB server about the request, and that the engine does not take.</summary>
    private static readonly FrozenSet<string> Envelope = FrozenSet.ToFrozenSet([
        "$db", "lsid", "$clusterTime", "txnNumber", "autocommit", "startTransaction",
        "$readPreference", "readConcern", "writeConcern"]);

    private readonly RawBsonDocument _body;

    public Request(byte[] message, int length)
    {
        Id = BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(4));
        switch (BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(12)))
        {
            case OpQuery:
                IsLegacy = true;
                var afterName = Array.IndexOf(message, (byte)0, HeaderSize + 4) + 1;
                _body = Document(message, length, afterName + 8);
                break;
            case OpMsg:
                var flags = BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(HeaderSize));
                WantsReply = (flags & MoreToCome) == 0;
                var end = (flags & ChecksumPresent) == 0 ? length : length - 4;
                _body = ReadSections(message, end);
                break;
            case var other:
                throw new NotSupportedException($"Wire operation {other} is not understood here.");
        }

        Name = _body.GetElement(0).Name;
    }

    public int Id { get; }

    /// <summary>True for OP_QUERY, whose reply has the form of its time.</summary>
    public bool IsLegacy { get; }

    public bool WantsReply { get; } = true;

    /// <summary>What the command is called: the name of its first field.</summary>
    public string Name { get; }

    public string Database => _body["$db"].AsString;

    /// <summary>
    /// The documents of an insert, or the statements of an update or a delete, that were sent apart from the command,
    /// one after another; or none.
    /// </summary>
    public ReadOnlyMemory<byte>? Documents { get; private set; }

    public BsonValue this[string field] => _body[field];

    public BsonValue First => _body.GetElement(0).Value;

    /// <summary>The session, when the command belongs to a transaction.</summary>
    public Guid? TransactionSession =>
        _body.TryGetValue("autocommit", out var autocommit) && !autocommit.AsBoolean
            ? new Guid(_body["lsid"]["id"].AsBsonBinaryData.Bytes, bigEndian: true)
            : null;

    public bool StartsTransaction => _body.TryGetValue("startTransaction", out var starts) && starts.AsBoolean;

    /// <summary>The command as the engine takes it.</summary>
    public byte[] Command() => new BsonDocument(_body.Elements.Where(field => !Envelope.Contains(field.Name))).ToBson();

    private RawBsonDocument ReadSections(byte[] message, int end)
    {
        RawBsonDocument? body = null;
        for (var at = HeaderSize + 4; at < end;)
        {
            var kind = message[at++];
            var size = BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(at));
            if (kind == 0)
            {
                body = Document(message, end, at);
            }
            else
            {
                var documents = Array.IndexOf(message, (byte)0, at + 4) + 1;
                Documents = message.AsMemory(documents, at + size - documents);
            }

            at += size;
        }

        return body ?? throw new FormatException("A message without a command.");
    }

    private static RawBsonDocument Document(byte[] message, int length, int at)
    {
        var size = BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(at));
        return new RawBsonDocument(new ByteBufferSlice(new ByteArrayBuffer(message, length, isReadOnly: true), at, size));
    }
}
