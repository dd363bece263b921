using Runs.Store;

namespace Runs.Server.Commands;

/// <summary>
/// <c>keys rotate</c>: replaces a key by a new one with the same permissions. Both are valid for a while.
/// </summary>
internal static class RotateKeyCommand
{
    public static async Task<int> Execute(KeysOptions options, IApiKeyStore store, DateTimeOffset now, TextWriter output)
    {
        if (await store.Find(options.Prefix!, CancellationToken.None) is not { } old || !old.IsValidAt(now))
        {
            return await KeysCommand.ReportNotFound($"No such key, or it is not valid: {options.Prefix}.");
        }

        var renewed = NewApiKey.Generate((prefix, hash) =>
            old with { Prefix = prefix, SecretSha256 = hash, CreatedAt = now, NotBefore = null });
        // The new key is inserted first: after a crash between the two steps, both keys are valid and none is missing.
        await renewed.InsertAndPrint(store, options.Json, output);
        await store.ExpireAt(old.Prefix, now + options.Overlap, CancellationToken.None);
        return 0;
    }
}
