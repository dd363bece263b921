using System.Buffers.Binary;
using MongoDB.Bson;
using MongoDB.Bson.IO;
using MongoDB.Bson.Serialization;
using MongoDB.Bson.Serialization.Serializers;

namespace Runs.Tests.ScriptedMongo;

/// <summary>A request of a driver: OP_MSG, or OP_QUERY for the first message to a server of unknown version.</summary>
internal sealed record WireMessage(int RequestId, bool IsQuery, BsonDocument Command)
{
    private const int HeaderLength = 16;
    private const int OpReply = 1;
    private const int OpQuery = 2004;
    private const int OpMsg = 2013;

    public static async Task<WireMessage?> Read(Stream stream, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderLength];
        if (await stream.ReadAtLeastAsync(header, HeaderLength, throwOnEndOfStream: false, cancellationToken) < HeaderLength)
        {
            return null;
        }

        var body = new byte[BinaryPrimitives.ReadInt32LittleEndian(header) - HeaderLength];
        await stream.ReadExactlyAsync(body, cancellationToken);
        var isQuery = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(12)) == OpQuery;
        var requestId = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4));
        return new WireMessage(requestId, isQuery, isQuery ? ReadQuery(body) : ReadSections(body));
    }

    public async Task Reply(Stream stream, BsonDocument response, CancellationToken cancellationToken)
    {
        var document = response.ToBson();
        // OP_REPLY: flags, cursor id, starting from, one document. OP_MSG: flags, and one section of kind 0.
        var prefix = IsQuery ? new byte[20] : new byte[5];
        if (IsQuery)
        {
            BinaryPrimitives.WriteInt32LittleEndian(prefix.AsSpan(16), 1);
        }

        var header = new byte[HeaderLength];
        BinaryPrimitives.WriteInt32LittleEndian(header, HeaderLength + prefix.Length + document.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), RequestId);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), IsQuery ? OpReply : OpMsg);
        await stream.WriteAsync((byte[])[.. header, .. prefix, .. document], cancellationToken);
    }

    private static BsonDocument ReadQuery(byte[] body)
    {
        var name = Array.IndexOf(body, (byte)0, 4); // after the flags; skip and limit follow
        return ReadDocument(body, name + 1 + 8).Document;
    }

    private static BsonDocument ReadSections(byte[] body)
    {
        var command = new BsonDocument();
        for (var at = 4; at < body.Length;)
        {
            var kind = body[at++];
            if (kind == 0)
            {
                (var document, at) = ReadDocument(body, at);
                command.AddRange(document);
                continue;
            }

            // A sequence of documents: an array member of the command.
            var end = at + BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(at));
            var name = Array.IndexOf(body, (byte)0, at + 4);
            var documents = new BsonArray();
            var identifier = System.Text.Encoding.UTF8.GetString(body, at + 4, name - at - 4);
            for (at = name + 1; at < end;)
            {
                (var document, at) = ReadDocument(body, at);
                documents.Add(document);
            }

            command[identifier] = documents;
        }

        return command;
    }

    private static (BsonDocument Document, int End) ReadDocument(byte[] body, int at)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(at));
        using var reader = new BsonBinaryReader(new MemoryStream(body, at, length));
        return (BsonDocumentSerializer.Instance.Deserialize(BsonDeserializationContext.CreateRoot(reader)), at + length);
    }
}
