using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Runs.Store.Sqlite;

/// <summary>
/// The schema of the file. <c>user_version</c> is the number of migrations that were applied to the file. A later
/// release appends migrations and never changes an existing one.
/// </summary>
internal static class SqliteMigrations
{
    // The document is the run; the columns duplicate the members that queries use. The large columns are last, so that
    // reading the others does not read past them. An append adds a row of run_events, with its events as a JSON array.
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE runs (
            id TEXT NOT NULL PRIMARY KEY,
            tenant TEXT NOT NULL,
            kind TEXT NOT NULL,
            status TEXT NOT NULL,
            version INTEGER NOT NULL,
            project_id TEXT,
            conversation_id TEXT,
            parent_run_id TEXT,
            parent_conversation_id TEXT,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            due_at INTEGER,
            latest_event_id INTEGER NOT NULL,
            latest_external_event_sequence INTEGER NOT NULL,
            latest_event_at INTEGER,
            outbox TEXT,
            document TEXT NOT NULL
        ) STRICT;
        CREATE INDEX runs_by_project ON runs (tenant, project_id, created_at, id) WHERE project_id IS NOT NULL;
        CREATE INDEX runs_by_conversation ON runs (tenant, conversation_id, created_at, id) WHERE conversation_id IS NOT NULL;
        CREATE INDEX runs_by_parent ON runs (tenant, parent_run_id, created_at, id) WHERE parent_run_id IS NOT NULL;
        CREATE INDEX runs_by_parent_conversation ON runs (tenant, parent_conversation_id, created_at, id)
            WHERE parent_conversation_id IS NOT NULL;
        CREATE INDEX runs_due ON runs (due_at, id, tenant) WHERE due_at IS NOT NULL;
        CREATE INDEX runs_with_outbox ON runs (tenant, id) WHERE outbox IS NOT NULL;
        CREATE TABLE run_events (
            run TEXT NOT NULL,
            first_event_id INTEGER NOT NULL,
            last_event_id INTEGER NOT NULL,
            has_public_events INTEGER NOT NULL,
            events TEXT NOT NULL,
            PRIMARY KEY (run, first_event_id)
        ) STRICT;
        CREATE TABLE api_keys (
            prefix TEXT NOT NULL PRIMARY KEY,
            tenant TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            not_after INTEGER,
            document TEXT NOT NULL
        ) STRICT;
        """,
        """
        ALTER TABLE runs ADD COLUMN root_run_id TEXT;
        UPDATE runs SET root_run_id = document ->> '$.root_run_id' WHERE parent_run_id IS NOT NULL;
        CREATE INDEX runs_by_root ON runs (tenant, root_run_id, created_at, id) WHERE parent_run_id IS NOT NULL;
        """,
        """
        ALTER TABLE runs ADD COLUMN run_id TEXT;
        ALTER TABLE runs ADD COLUMN claim_rank INTEGER;
        ALTER TABLE runs ADD COLUMN claim_pool TEXT;
        ALTER TABLE runs ADD COLUMN claim_kind_pool TEXT;
        ALTER TABLE runs ADD COLUMN lease_owner TEXT;
        ALTER TABLE runs ADD COLUMN lease_instance TEXT;
        ALTER TABLE runs ADD COLUMN lease_expires_at INTEGER;
        ALTER TABLE runs ADD COLUMN renewals INTEGER;
        ALTER TABLE runs ADD COLUMN worker_session TEXT;
        UPDATE runs SET
            run_id = document ->> '$.run_id',
            claim_rank = CAST(round(unixepoch(document ->> '$.claim_rank', 'subsec') * 1000) AS INTEGER),
            claim_pool = document ->> '$.claim_pool',
            claim_kind_pool = document ->> '$.claim_kind_pool',
            lease_owner = document ->> '$.lease_owner',
            lease_instance = document ->> '$.lease_instance',
            lease_expires_at = CAST(round(unixepoch(document ->> '$.lease_expires_at', 'subsec') * 1000) AS INTEGER);
        CREATE INDEX runs_claim ON runs (tenant, claim_pool, claim_rank, run_id) WHERE claim_pool IS NOT NULL;
        CREATE INDEX runs_claim_kind ON runs (tenant, claim_kind_pool, claim_rank, run_id) WHERE claim_kind_pool IS NOT NULL;
        CREATE INDEX runs_by_lease_owner ON runs (tenant, lease_owner) WHERE lease_owner IS NOT NULL;
        """,
        """
        CREATE TABLE workers (
            id TEXT NOT NULL PRIMARY KEY,
            tenant TEXT NOT NULL,
            project_id TEXT NOT NULL,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            revoked_at INTEGER,
            last_heartbeat_at INTEGER,
            document TEXT NOT NULL
        ) STRICT;
        CREATE INDEX workers_by_project ON workers (tenant, project_id, created_at, id) WHERE revoked_at IS NULL;
        """,
        """
        ALTER TABLE runs ADD COLUMN schedule_id TEXT;
        UPDATE runs SET schedule_id = document ->> '$.schedule_id';
        CREATE INDEX runs_by_schedule ON runs (tenant, schedule_id, status, created_at, id) WHERE schedule_id IS NOT NULL;
        CREATE TABLE schedules (
            id TEXT NOT NULL PRIMARY KEY,
            tenant TEXT NOT NULL,
            project_id TEXT NOT NULL,
            status TEXT NOT NULL,
            source_trigger_id TEXT,
            created_at INTEGER NOT NULL,
            due_at INTEGER,
            version INTEGER NOT NULL,
            document TEXT NOT NULL
        ) STRICT;
        CREATE INDEX schedules_by_project ON schedules (tenant, project_id, created_at, id);
        CREATE INDEX schedules_due ON schedules (due_at, id) WHERE due_at IS NOT NULL;
        """,
    ];

    /// <summary>Makes commits durable and lets readers run concurrently with the writer.</summary>
    public static void Configure(SqliteConnection connection)
    {
        Execute(connection, "PRAGMA busy_timeout = 5000");
        Execute(connection, "PRAGMA journal_mode = WAL");
        // Flushes the log at every commit; NORMAL would lose the last commits in a power failure.
        Execute(connection, "PRAGMA synchronous = FULL");
        Execute(connection, "PRAGMA journal_size_limit = 67108864"); // truncates the log to 64 MiB after a burst of large runs
    }

    /// <summary>
    /// Applies the missing migrations. Runs in the caller's transaction, so that two processes do not apply the same
    /// migration.
    /// </summary>
    public static void Migrate(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        var version = Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
        if (version > Migrations.Length)
        {
            throw new InvalidOperationException(
                $"{connection.DataSource} was written by a later release (schema {version}, this one knows {Migrations.Length}): "
                + "start that one.");
        }

        foreach (var migration in Migrations.Skip(version))
        {
            Execute(connection, migration);
        }

        Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Migrations.Length}"));
    }

    [SuppressMessage("Security", "CA2100", Justification = "Every SQL text consists of constants.")]
    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
