using System.Collections.Frozen;

namespace Runs.DocumentDbGateway;

/// <summary>
/// What each command is called in the engine. Every statement takes the database ($1), the command ($2) and what came
/// beside it ($3), and returns the same four columns: document, continuation, cursor id, success.
/// </summary>
internal static class Statements
{
    private const string Command = "documentdb_core.bson_from_bytea($2)";

    public const string GetMore =
        $"""
        SELECT documentdb_core.bson_to_bytea(cursorpage), documentdb_core.bson_to_bytea(continuation), 0::bigint, true
        FROM documentdb_api.cursor_get_more($1, {Command}, documentdb_core.bson_from_bytea($3))
        """;

    public static readonly FrozenDictionary<string, string> ByCommand = new Dictionary<string, string>
    {
        ["insert"] = Write("insert"),
        ["update"] = Write("update"),
        ["delete"] = Write("delete"),
        ["findAndModify"] = Modify,
        ["findandmodify"] = Modify,
        ["find"] = FirstPage("find"),
        ["aggregate"] = FirstPage("aggregate"),
        ["listCollections"] = FirstPage("list_collections"),
        ["listIndexes"] = FirstPage("list_indexes"),
        ["count"] = Document($"documentdb_api.count_query($1, {Command})"),
        ["distinct"] = Document($"documentdb_api.distinct_query($1, {Command})"),
        ["create"] = Document($"documentdb_api.create_collection_view($1, {Command})"),
        ["createIndexes"] = Document($"documentdb_api_internal.create_indexes_non_concurrently($1, {Command}, true)"),
        ["dropIndexes"] = Document($"documentdb_api_internal.drop_indexes_non_concurrently($1, {Command})"),
        ["listDatabases"] = Document($"documentdb_api.list_databases({Command})"),
        ["drop"] = Ok($"documentdb_api.drop_collection($1, documentdb_core.bson_to_json_string({Command})::text::json ->> 'drop')"),
        ["dropDatabase"] = Ok("documentdb_api.drop_database($1)"),
    }.ToFrozenDictionary();

    private const string Modify =
        $"""
        SELECT documentdb_core.bson_to_bytea(p_result), NULL::bytea, 0::bigint, p_success
        FROM documentdb_api.find_and_modify($1, {Command})
        """;

    private static string Write(string function) =>
        $"""
        SELECT documentdb_core.bson_to_bytea(p_result), NULL::bytea, 0::bigint, p_success
        FROM documentdb_api.{function}($1, {Command}, documentdb_core.bsonsequence_from_bytea($3))
        """;

    private static string FirstPage(string function) =>
        $"""
        SELECT documentdb_core.bson_to_bytea(cursorpage), documentdb_core.bson_to_bytea(continuation), cursorid, true
        FROM documentdb_api.{function}_cursor_first_page($1, {Command})
        """;

    private static string Document(string expression) =>
        $"SELECT documentdb_core.bson_to_bytea({expression}), NULL::bytea, 0::bigint, true";

    private static string Ok(string expression) =>
        $$"""SELECT documentdb_core.bson_to_bytea('{"ok": 1.0}'::documentdb_core.bson), NULL::bytea, 0::bigint, true FROM {{expression}}""";
}
