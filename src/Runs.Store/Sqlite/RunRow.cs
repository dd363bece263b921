using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Data.Sqlite;
using Runs.Contracts;

namespace Runs.Store.Sqlite;

/// <summary>
/// A run as a row: its document as JSON, with the names of the HTTP API and the user's JSON in it as it was sent, and beside it the columns that are
/// looked for. The outbox and the ends of the log stand beside the document, so that clearing and appending do not touch the rest; the log is a table.
/// </summary>
internal sealed record RunRow(Run Run, string Document, string? Outbox)
{
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // nothing but people and this class reads it
        MaxDepth = 512, // deeper than the API lets anything in
        Converters = { new UtcMilliseconds(), new OptionalRawJson() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOut } },
    };

    /// <summary>What <see cref="Read(SqliteDataReader, out long)"/> reads.</summary>
    public const string Selected = "document, outbox, latest_event_id, latest_external_event_sequence, latest_event_at";

    // Beside the document, or in a table of their own.
    private static readonly HashSet<string> NotInDocument =
    [
        "outbox", "recent_events", "latest_event_id", "latest_external_event_sequence", "latest_event_at",
    ];

    /// <summary>The columns, the key first.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "id", "tenant", "kind", "status", "version", "project_id", "conversation_id", "parent_run_id", "parent_conversation_id", "created_at", "updated_at",
        "due_at", "latest_event_id", "latest_external_event_sequence", "latest_event_at", "outbox", "document",
    ];

    /// <summary>The id as it is stored: the text of a UUID sorts as its bytes do.</summary>
    public static string Key(Guid id) => id.ToString();

    public static RunRow Of(Run run) => new(run, JsonSerializer.Serialize(run, Json), WriteOutbox(run.Outbox));

    /// <summary>The run of a row, and how much was read.</summary>
    public static Run Read(SqliteDataReader reader, out long characters)
    {
        var document = reader.GetString(0);
        var outbox = reader.IsDBNull(1) ? null : reader.GetString(1);
        characters = document.Length + (outbox?.Length ?? 0);
        var run = JsonSerializer.Deserialize<Run>(document, Json)!;
        run.LatestEventId = reader.GetInt64(2);
        run.LatestExternalEventSequence = reader.GetInt64(3);
        run.LatestEventAt = reader.IsDBNull(4) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4));
        if (outbox is not null)
        {
            run.Outbox = ReadOutbox(outbox);
        }

        return run;
    }

    public static List<OutboxMessage> ReadOutbox(string outbox) => JsonSerializer.Deserialize<List<OutboxMessage>>(outbox, Json)!;

    public static string? WriteOutbox(List<OutboxMessage> outbox) => outbox.Count == 0 ? null : JsonSerializer.Serialize(outbox, Json);

    /// <summary>Gives <paramref name="command"/> a parameter for each column.</summary>
    public void Bind(SqliteCommand command)
    {
        object?[] values =
        [
            Key(Run.Id), Run.Tenant, Run.Kind, Run.Status, Run.Version, Run.ProjectId, Run.ConversationId, Run.ParentRunId, Run.Trigger?.ConversationId,
            Run.CreatedAt.ToUnixTimeMilliseconds(), Run.UpdatedAt.ToUnixTimeMilliseconds(), Run.DueAt?.ToUnixTimeMilliseconds(),
            Run.LatestEventId, Run.LatestExternalEventSequence, Run.LatestEventAt?.ToUnixTimeMilliseconds(), Outbox, Document,
        ];
        command.Parameters.Clear();
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue("$" + Columns[i], values[i] ?? DBNull.Value);
        }
    }

    private static void LeaveOut(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (type.Type == typeof(Run) && NotInDocument.Contains(property.Name))
            {
                property.ShouldSerialize = (_, _) => false;
            }
            else if (property.PropertyType.IsAssignableTo(typeof(IList)))
            {
                property.ShouldSerialize = (_, list) => list is IList { Count: > 0 };
            }
        }
    }

    /// <summary>Tells the user's <c>null</c>, which is written, from nothing, which is left out.</summary>
    private sealed class OptionalRawJson : JsonConverter<RawJson?>
    {
        private static readonly RawJsonConverter Value = new();

        public override bool HandleNull => true;

        public override RawJson? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Value.Read(ref reader, typeof(RawJson), options);

        public override void Write(Utf8JsonWriter writer, RawJson? value, JsonSerializerOptions options) =>
            Value.Write(writer, value ?? RawJson.Null, options);
    }
}
