using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Runs.Validation;

/// <summary>
/// The wire format of batches between the API and the saga: a JSON array of <c>{"type": …, "message_id": …, "command":
/// …}</c>, or with <c>reply</c> in the direction back. Only processes of the service itself read and write it; other
/// publishers send single commands.
/// </summary>
internal sealed class BatchFormat
{
    /// <summary>
    /// The version of the format. A process rejects a batch of any other version as a whole and executes none of its
    /// commands. A new optional member does not need a new version: unknown members are ignored.
    /// </summary>
    public const string Version = "1";

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = FieldLimits.MaxMessageJsonDepth };

    // The messages come from serializers, and clients' JSON was validated when it arrived.
    private static readonly JsonWriterOptions WriterOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly JsonEncodedText _memberName;
    private readonly Dictionary<string, JsonTypeInfo> _types;

    private BatchFormat(string mediaType, string memberName, IEnumerable<Type> types)
    {
        MediaType = mediaType;
        _memberName = JsonEncodedText.Encode(memberName);
        _types = types.ToDictionary(
            type => type.Name,
            type => BatchJsonContext.Default.GetTypeInfo(type)
                ?? throw new InvalidOperationException($"{nameof(BatchJsonContext)} has no serializer of {type.Name}."));
    }

    /// <summary>Batches of commands, from the API to the saga.</summary>
    public static BatchFormat Commands { get; } = new("application/vnd.runs.commands+json", "command", MessageTypes.RunCommands);

    /// <summary>Batches of replies, from the saga to the API.</summary>
    public static BatchFormat Replies { get; } = new(
        "application/vnd.runs.replies+json", "reply", [.. MessageTypes.Replies, typeof(CommandFailed)]);

    /// <summary>The media type, without the version.</summary>
    public string MediaType { get; }

    /// <summary>The media type with the version.</summary>
    public string ContentType => $"{MediaType}; version={Version}";

    /// <summary>Whether a content type names the version that this release reads.</summary>
    public static bool IsSupported(string? contentType) =>
        contentType?.Split(';', StringSplitOptions.TrimEntries).Contains($"version={Version}", StringComparer.OrdinalIgnoreCase) == true;

    /// <summary>
    /// Writes one item. A reply of more than <see cref="MessageTooLargeException.MaxBytes"/> is written without its
    /// large members, because its command was already executed.
    /// </summary>
    /// <param name="messageId">The id of the command; its reply has the same.</param>
    /// <param name="message">A message of one of the types of this format.</param>
    /// <param name="traceParent">The span of the caller as <c>traceparent</c>, if it is recorded.</param>
    /// <exception cref="MessageTooLargeException">The message exceeds the size limit.</exception>
    public ReadOnlyMemory<byte> WriteItem(Guid messageId, object message, string? traceParent = null)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
        {
            var type = message.GetType().Name;
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            json.WriteString("message_id"u8, messageId);
            if (traceParent is not null)
            {
                json.WriteString("traceparent"u8, traceParent);
            }

            json.WritePropertyName(_memberName);
            JsonSerializer.Serialize(json, message, _types[type]);
            json.WriteEndObject();
        }

        return buffer.WrittenCount <= MessageTooLargeException.MaxBytes ? buffer.WrittenMemory
            : message is RunSnapshot { Omitted: null } snapshot ? WriteItem(messageId, LargeMembers.Omit(snapshot))
            : throw new MessageTooLargeException(buffer.WrittenCount);
    }

    /// <summary>Reads the items of a batch.</summary>
    /// <exception cref="InvalidBatchException">
    /// The batch as a whole cannot be read. An <see cref="UnreadableItem"/> does not cause it.
    /// </exception>
    public IReadOnlyList<BatchItem> Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, ReaderOptions);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            {
                throw new InvalidBatchException("it is not an array");
            }

            var items = new List<BatchItem>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                items.Add(ReadItem(ref reader, json));
            }

            reader.Read(); // throws if anything follows the array
            return items;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidBatchException(exception.Message);
        }
    }

    private BatchItem ReadItem(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var start = (int)reader.TokenStartIndex;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidBatchException("an item is not an object");
        }

        Guid? messageId = null;
        string? type = null;
        string? traceParent = null;
        object? message = null;
        string? error = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isMessageId = reader.ValueTextEquals("message_id"u8);
            var isTraceParent = reader.ValueTextEquals("traceparent"u8);
            var isBody = reader.ValueTextEquals(_memberName.EncodedUtf8Bytes);
            reader.Read();
            if (isType)
            {
                type = reader.GetString();
            }
            else if (isMessageId)
            {
                messageId = reader.GetGuid();
            }
            else if (isTraceParent)
            {
                traceParent = reader.GetString();
            }
            else if (isBody)
            {
                ReadMessage(ref reader, type, out message, out error);
            }
            else
            {
                reader.Skip();
            }
        }

        var id = messageId ?? throw new InvalidBatchException("an item has no message_id");
        return message is not null
            ? new BatchedMessage(id, message) { TraceParent = traceParent }
            : new UnreadableItem(id, error ?? $"The item has no {_memberName}.", json[start..(int)reader.BytesConsumed].ToArray());
    }

    // The type is the first member, so that the message is read only once.
    private void ReadMessage(ref Utf8JsonReader reader, string? type, out object? message, out string? error)
    {
        (message, error) = (null, null);
        var start = reader;
        try
        {
            if (_types.TryGetValue(type ?? "", out var typeInfo))
            {
                message = JsonSerializer.Deserialize(ref reader, typeInfo);
                error = message is null ? $"The {type} is null." : null;
                return;
            }

            reader.Skip();
            error = $"The {_memberName} has an unknown type or precedes its type.";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            reader = start;
            reader.Skip(); // throws if the batch as a whole is not valid JSON
            error = $"The {type} cannot be read: {exception.Message}";
        }
    }
}
