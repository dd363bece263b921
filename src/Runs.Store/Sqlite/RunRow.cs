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
/// looked for. The outbox stands beside the document, so that clearing it does not touch the rest.
/// </summary>
internal sealed record RunRow(Run Run, string Document, string? Outbox)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // nothing but people and this class reads it
        MaxDepth = 512, // deeper than the API lets anything in
        Converters = { new UtcMilliseconds(), new OptionalRawJson() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOut } },
    };

    /// <summary>The columns, the key first.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "id", "tenant", "kind", "status", "version", "project_id", "conversation_id", "parent_run_id", "created_at", "updated_at", "due_at",
        "outbox", "document",
    ];

    /// <summary>The id as it is stored: the text of a UUID sorts as its bytes do.</summary>
    public static string Key(Guid id) => id.ToString();

    public static RunRow Of(Run run) => new(run, JsonSerializer.Serialize(run, Json), WriteOutbox(run.Outbox));

    public static Run Read(string document, string? outbox)
    {
        var run = JsonSerializer.Deserialize<Run>(document, Json)!;
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
            Key(Run.Id), Run.Tenant, Run.Kind, Run.Status, Run.Version, Run.ProjectId, Run.ConversationId, Run.ParentRunId,
            Run.CreatedAt.ToUnixTimeMilliseconds(), Run.UpdatedAt.ToUnixTimeMilliseconds(), Run.DueAt?.ToUnixTimeMilliseconds(), Outbox, Document,
        ];
        command.Parameters.Clear();
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue("$" + Columns[i], values[i] ?? DBNull.Value);
        }
    }

    private static void LeaveOut(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(property => property.PropertyType.IsAssignableTo(typeof(IList))))
        {
            property.ShouldSerialize = property.PropertyType == typeof(List<OutboxMessage>)
                ? (_, _) => false
                : (_, list) => list is IList { Count: > 0 };
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
