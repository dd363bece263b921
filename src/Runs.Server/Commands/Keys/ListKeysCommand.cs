using Runs.Store;

namespace Runs.Server.Commands;

/// <summary><c>keys list</c>: lists the stored keys, of one tenant or of all.</summary>
internal static class ListKeysCommand
{
    public static async Task<int> Execute(KeysOptions options, IApiKeyStore store, DateTimeOffset now, TextWriter output)
    {
        var keys = await store.List(options.Tenant, CancellationToken.None);
        await output.WriteLineAsync(options.Json
            ? KeysOutput.ToJson(keys.Select(key => ToListItem(key, now)))
            : string.Join(Environment.NewLine, keys.Select(key => FormatLine(key, now))));
        return 0;
    }

    private static object ToListItem(ApiKeyRecord key, DateTimeOffset now) => new
    {
        key.Prefix,
        key.Tenant,
        key.UserId,
        key.Scopes,
        key.Projects,
        key.ActorType,
        key.CreatedAt,
        key.NotBefore,
        key.NotAfter,
        Valid = key.IsValidAt(now),
    };

    private static string FormatLine(ApiKeyRecord key, DateTimeOffset now) => string.Join(
        "  ",
        key.Prefix,
        key.Tenant,
        key.UserId ?? "-",
        string.Join(',', key.Scopes),
        key.Projects.Count == 0 ? "-" : string.Join(',', key.Projects),
        key.ActorType,
        $"{KeysOutput.FormatTime(key.NotBefore ?? key.CreatedAt)}..{KeysOutput.FormatTime(key.NotAfter)}",
        key.IsValidAt(now) ? "valid" : "not valid");
}
