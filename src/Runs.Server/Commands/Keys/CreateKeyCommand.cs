using Runs.Store;

namespace Runs.Server.Commands;

/// <summary><c>keys create</c>: stores a new key, or prints the settings for it.</summary>
internal static class CreateKeyCommand
{
    public static async Task<int> Execute(KeysOptions options, IApiKeyStore store, DateTimeOffset now, TextWriter output)
    {
        await Create(options, now).InsertAndPrint(store, options.Json, output);
        return 0;
    }

    /// <summary>Prints a new key and the settings for it, without a store.</summary>
    public static async Task<int> Print(KeysOptions options, DateTimeOffset now, TextWriter output)
    {
        var created = Create(options, now);
        await output.WriteLineAsync(FormatSettings(created.Key, created.Record));
        return 0;
    }

    private static NewApiKey Create(KeysOptions options, DateTimeOffset now) => NewApiKey.Generate((prefix, hash) => new ApiKeyRecord
    {
        Prefix = prefix,
        SecretSha256 = hash,
        Tenant = options.Tenant!,
        UserId = options.UserId,
        Scopes = [.. options.Scopes],
        Projects = [.. options.Projects],
        ActorType = options.ActorType,
        CreatedAt = now,
        NotBefore = options.NotBefore,
        NotAfter = options.NotAfter,
    });

    private static string FormatSettings(string key, ApiKeyRecord record)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Prefix"] = record.Prefix,
            ["SecretSha256"] = record.SecretSha256,
            ["Tenant"] = record.Tenant,
            ["UserId"] = record.UserId,
            ["Scopes"] = string.Join(' ', record.Scopes),
            ["Projects"] = record.Projects.Count == 0 ? null : string.Join(' ', record.Projects),
            ["ActorType"] = record.ActorType,
            ["NotBefore"] = record.NotBefore is null ? null : KeysOutput.FormatTime(record.NotBefore),
            ["NotAfter"] = record.NotAfter is null ? null : KeysOutput.FormatTime(record.NotAfter),
        };
        var lines = settings
            .Where(setting => setting.Value is not null)
            .Select(setting => $"  Auth__ApiKeys__0__{setting.Key}={setting.Value}");
        return $"""
            API key (shown once; keep it secret):
              {key}

            Settings for the server (use the next free number for 0):
            {string.Join(Environment.NewLine, lines)}
            """;
    }
}
