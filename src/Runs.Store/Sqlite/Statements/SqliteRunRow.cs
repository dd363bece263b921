using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Data.Sqlite;
using Runs.Contracts;

namespace Runs.Store.Sqlite;

/// <summary>
/// Maps a run to a row: its document as JSON, with the names of the HTTP API and with the user's JSON exactly as sent,
/// and the columns that queries use. The outbox, the position of the log's end, the end of the lease and the session of
/// the worker are columns outside the document, so that clearing, appending and renewing do not rewrite the document.
/// The log is a separate table.
/// </summary>
internal sealed record SqliteRunRow(Run Run, string Document, string? Outbox)
{
    public static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // only operators and this class read it
        MaxDepth = FieldLimits.MaxStoredJsonDepth,
        Converters = { new UtcMillisecondsConverter(), new NullableRawJsonConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { OmitMembers } },
    };

    /// <summary>The columns that <see cref="Read(SqliteDataReader, out long)"/> reads.</summary>
    public const string SelectColumns =
        "document, outbox, latest_event_id, latest_external_event_sequence, latest_event_at, "
        + "due_at, lease_expires_at, renewals, worker_session";

    // Stored in columns outside the document, or in a separate table.
    private static readonly HashSet<string> StoredOutsideDocument =
    [
        "outbox", "embedded_events", "latest_event_id", "latest_external_event_sequence", "latest_event_at",
        "due_at", "lease_expires_at", "renewals", "worker_session",
    ];

    /// <summary>The columns, with the key first.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "id", "tenant", "kind", "status", "version",
        "project_id", "conversation_id", "parent_run_id", "parent_conversation_id",
        "created_at", "updated_at", "due_at",
        "latest_event_id", "latest_external_event_sequence", "latest_event_at", "outbox", "document", "root_run_id",
        "run_id", "claim_rank", "claim_pool", "claim_kind_pool",
        "lease_owner", "lease_instance", "lease_expires_at", "renewals", "worker_session", "schedule_id",
    ];

    /// <summary>Returns the stored form of an id. The text of a UUID has the same sort order as its bytes.</summary>
    public static string FormatId(Guid id) => id.ToString();

    public static SqliteRunRow From(Run run) => new(run, JsonSerializer.Serialize(run, JsonOptions), SerializeOutbox(run.Outbox));

    /// <summary>Reads the run of a row and the number of characters that were read.</summary>
    public static Run Read(SqliteDataReader reader, out long characterCount)
    {
        var document = reader.GetString(0);
        var outbox = reader.GetNullableString(1);
        characterCount = document.Length + (outbox?.Length ?? 0);
        var run = JsonSerializer.Deserialize<Run>(document, JsonOptions)!;
        run.LatestEventId = reader.GetInt64(2);
        run.LatestExternalEventSequence = reader.GetInt64(3);
        run.LatestEventAt = reader.GetNullableTime(4);
        run.DueAt = reader.GetNullableTime(5);
        run.LeaseExpiresAt = reader.GetNullableTime(6);
        run.Renewals = reader.IsDBNull(7) ? null : reader.GetInt64(7);
        run.WorkerSession = reader.GetNullableString(8) is { } session
            ? JsonSerializer.Deserialize<WorkerSession>(session, JsonOptions)
            : null;
        if (outbox is not null)
        {
            run.Outbox = DeserializeOutbox(outbox);
        }

        return run;
    }

    public static List<OutboxMessage> DeserializeOutbox(string outbox) =>
        JsonSerializer.Deserialize<List<OutboxMessage>>(outbox, JsonOptions)!;

    public static string? SerializeOutbox(List<OutboxMessage> outbox) =>
        outbox.Count == 0 ? null : JsonSerializer.Serialize(outbox, JsonOptions);

    public static string? SerializeSession(WorkerSession? session) =>
        session is null ? null : JsonSerializer.Serialize(session, JsonOptions);

    public static List<RunEvent> DeserializeEvents(string events) => JsonSerializer.Deserialize<List<RunEvent>>(events, JsonOptions)!;

    public static string SerializeEvents(EventChunk chunk) => JsonSerializer.Serialize(chunk.Events, JsonOptions);

    /// <summary>Sets a parameter of <paramref name="command"/> for each column.</summary>
    public void Bind(SqliteCommand command)
    {
        object?[] values =
        [
            FormatId(Run.Id), Run.Tenant, Run.Kind, Run.Status, Run.Version,
            Run.ProjectId, Run.ConversationId, Run.ParentRunId, Run.Trigger?.ConversationId,
            Run.CreatedAt.ToUnixTimeMilliseconds(), Run.UpdatedAt.ToUnixTimeMilliseconds(), Run.DueAt?.ToUnixTimeMilliseconds(),
            Run.LatestEventId, Run.LatestExternalEventSequence, Run.LatestEventAt?.ToUnixTimeMilliseconds(), Outbox, Document,
            Run.RootRunId,
            Run.RunId, Run.ClaimRank?.ToUnixTimeMilliseconds(), Run.ClaimPool, Run.ClaimKindPool,
            Run.LeaseOwner, Run.LeaseInstance, Run.LeaseExpiresAt?.ToUnixTimeMilliseconds(), Run.Renewals,
            SerializeSession(Run.WorkerSession), Run.ScheduleId,
        ];
        command.Parameters.Clear();
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue("$" + Columns[i], values[i] ?? DBNull.Value);
        }
    }

    private static void OmitMembers(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (type.Type == typeof(Run) && StoredOutsideDocument.Contains(property.Name))
            {
                property.ShouldSerialize = (_, _) => false;
            }
            else if (property.PropertyType.IsAssignableTo(typeof(IList)))
            {
                property.ShouldSerialize = (_, list) => list is IList { Count: > 0 };
            }
        }
    }

    /// <summary>
    /// Distinguishes the user's JSON <c>null</c>, which is written, from a missing value, which is omitted.
    /// </summary>
    private sealed class NullableRawJsonConverter : JsonConverter<RawJson?>
    {
        private static readonly RawJsonConverter InnerConverter = new();

        public override bool HandleNull => true;

        public override RawJson? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            InnerConverter.Read(ref reader, typeof(RawJson), options);

        public override void Write(Utf8JsonWriter writer, RawJson? value, JsonSerializerOptions options) =>
            InnerConverter.Write(writer, value ?? RawJson.Null, options);
    }
}
