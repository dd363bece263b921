using Runs.Store;

namespace Runs.Server.Commands;

/// <summary><c>keys revoke</c>: ends the validity of a key now.</summary>
internal static class RevokeKeyCommand
{
    public static async Task<int> Execute(string prefix, IApiKeyStore store, DateTimeOffset now) =>
        await store.ExpireAt(prefix, now, CancellationToken.None)
            ? 0
            : await KeysCommand.ReportNotFound($"No such key: {prefix}. Keys of the server's settings are revoked there.");
}
