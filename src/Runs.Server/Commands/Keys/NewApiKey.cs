using Runs.Store;

namespace Runs.Server.Commands;

/// <summary>A generated key, and the record that the store has of it.</summary>
internal sealed record NewApiKey(string Key, ApiKeyRecord Record)
{
    /// <summary>Generates a key.</summary>
    /// <param name="createRecord">Creates the record from the prefix of the key and the hash of its secret.</param>
    public static NewApiKey Generate(Func<string, string, ApiKeyRecord> createRecord)
    {
        var key = ApiKey.Create();
        _ = ApiKey.TryParse(key, out var prefix, out var secret);
        return new NewApiKey(key, createRecord(prefix, ApiKey.ComputeHash(secret)));
    }

    /// <summary>Stores the record and then shows the key.</summary>
    public async Task InsertAndPrint(IApiKeyStore store, bool asJson, TextWriter output)
    {
        if (!await store.TryInsert(Record, CancellationToken.None))
        {
            throw new InvalidOperationException("The prefix is taken. Try again."); // one in 10^12
        }

        await output.WriteLineAsync(asJson
            ? KeysOutput.ToJson(new { Key, Record.Prefix, Record.Tenant, Record.Scopes, Record.Projects, Record.NotAfter })
            : $"""
               API key (shown once; keep it secret):
                 {Key}
               """);
    }
}
