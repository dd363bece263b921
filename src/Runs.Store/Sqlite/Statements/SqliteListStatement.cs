using System.Text;
using System.Text.Json;

namespace Runs.Store.Sqlite;

/// <summary>The statement that reads one page of a list, and one more run, to detect a next page.</summary>
internal sealed class SqliteListStatement
{
    private readonly StringBuilder _sql = new();
    private readonly List<(string Name, object? Value)> _parameters = [];

    private SqliteListStatement()
    {
    }

    public string Sql => _sql.ToString();

    public IReadOnlyList<(string Name, object? Value)> Parameters => _parameters;

    public static SqliteListStatement From(RunQuery query, RunCursor? after, int limit)
    {
        var (selector, value) = query switch
        {
            { ProjectId: { } project } => ("project_id", project),
            { ConversationId: { } conversation } => ("conversation_id", conversation),
            { ParentRunId: { } parent } => ("parent_run_id", parent),
            { ParentConversationId: { } parent } => ("parent_conversation_id", parent),
            _ => throw new ArgumentException("A list has a project, a conversation or a parent.", nameof(query)),
        };
        var statement = new SqliteListStatement();
        statement._sql.Append($"SELECT {SqliteRunRow.SelectColumns} FROM runs WHERE tenant = $tenant AND {selector} = $selected");
        statement._parameters.AddRange([("$tenant", query.Tenant), ("$selected", value), ("$limit", limit + 1L)]);
        statement.AddFilters(query);
        if (after is { } cursor)
        {
            statement._sql.Append(" AND (created_at, id) < ($created_at, $id)");
            statement._parameters.Add(("$created_at", cursor.CreatedAt.ToUnixTimeMilliseconds()));
            statement._parameters.Add(("$id", SqliteRunRow.FormatId(cursor.Id)));
        }

        statement._sql.Append(" ORDER BY created_at DESC, id DESC LIMIT $limit");
        return statement;
    }

    private void AddFilters(RunQuery query)
    {
        AddCondition(
            "project_id IN (SELECT value FROM json_each($projects))",
            "$projects",
            query.Projects is null ? null : JsonSerializer.Serialize(query.Projects));
        AddCondition("kind = $kind", "$kind", query.Kind);
        AddCondition("status = $status", "$status", query.Status);
        AddCondition("json_extract(document, '$.trigger.tool_call_id') = $tool_call", "$tool_call", query.SpawnedFromToolCallId);
        _sql.Append(query.HasInputRequests ? " AND json_extract(document, '$.input_requests') IS NOT NULL" : "");
        AddCondition(HasInputRequest("status", "$request_status"), "$request_status", query.InputRequestStatus);
        AddCondition(HasInputRequest("id", "$request_id"), "$request_id", query.InputRequestId?.ToString());
    }

    private void AddCondition(string condition, string name, string? value)
    {
        if (value is not null)
        {
            _sql.Append(" AND ").Append(condition);
            _parameters.Add((name, value));
        }
    }

    private static string HasInputRequest(string member, string parameter) =>
        "EXISTS (SELECT 1 FROM json_each(document, '$.input_requests') "
        + $"WHERE json_extract(value, '$.{member}') = {parameter})";
}
