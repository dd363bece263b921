using System.Globalization;
using System.Text.Json;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Server.Commands;

/// <summary>
/// <c>keys create|list|revoke|rotate</c>: creates, lists, revokes and rotates API keys in the store that the settings
/// name. Servers apply a change within seconds, without a restart. A key is shown once, when it is created; only its
/// hash is stored.
/// </summary>
internal static class KeysCommand
{
    private const int NotFoundExitCode = 1;

    private const string Usage = """
        usage: keys create --tenant <tenant> [--user <uuid>] [--scopes "read write execute answer"] [--projects "<uuid> …"]
                           [--actor-type human|agent|system] [--not-before <time>] [--not-after <time>] [--json] [--print-only]
               keys list [--tenant <tenant>] [--json]
               keys revoke <prefix>
               keys rotate <prefix> [--overlap 1.00:00:00] [--json]

        The store is the one that ConnectionStrings__MongoDb or Sqlite__DataDirectory name. Times are like 2027-01-31T00:00:00Z.
        --print-only stores nothing and prints the settings Auth__ApiKeys__0__… for the server.
        """;

    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    public static async Task<int> Execute(string[] args, TextWriter? output = null)
    {
        output ??= Console.Out;
        if (args is [var word, ..] && CommandLine.IsHelp(word))
        {
            await output.WriteLineAsync(Usage);
            return 0;
        }

        if (KeysOptions.TryParse(args) is not { } options)
        {
            await Console.Error.WriteLineAsync(Usage);
            return CommandLine.UsageExitCode;
        }

        if (options.PrintOnly)
        {
            var (key, record) = CreateKey(options, UtcMillisecondsConverter.TruncateToMilliseconds(TimeProvider.System.GetUtcNow()));
            await output.WriteLineAsync(FormatSettings(key, record));
            return 0;
        }

        await using var services = await OpenStore();
        return await Execute(options, services.GetRequiredService<IApiKeyStore>(), TimeProvider.System, output);
    }

    /// <summary>Executes the command on <paramref name="store"/>.</summary>
    public static async Task<int> Execute(KeysOptions options, IApiKeyStore store, TimeProvider clock, TextWriter output)
    {
        var now = UtcMillisecondsConverter.TruncateToMilliseconds(clock.GetUtcNow());
        switch (options.Subcommand)
        {
            case "create":
                await InsertAndPrint(CreateKey(options, now), store, options, output);
                return 0;

            case "list":
                var keys = await store.List(options.Tenant, CancellationToken.None);
                await output.WriteLineAsync(options.Json
                    ? JsonSerializer.Serialize(keys.Select(key => ToListItem(key, now)), JsonOptions)
                    : string.Join(Environment.NewLine, keys.Select(key => FormatLine(key, now))));
                return 0;

            case "revoke":
                return await store.ExpireAt(options.Prefix!, now, CancellationToken.None)
                    ? 0
                    : await ReportNotFound($"No such key: {options.Prefix}. Keys of the server's settings are revoked there.");

            default:
                if (await store.Find(options.Prefix!, CancellationToken.None) is not { } old || !old.IsValidAt(now))
                {
                    return await ReportNotFound($"No such key, or it is not valid: {options.Prefix}.");
                }

                // The new key is inserted first: after a crash between the two steps, both keys are valid and none is
                // missing.
                await InsertAndPrint(RenewKey(old, now), store, options, output);
                await store.ExpireAt(old.Prefix, now + options.Overlap, CancellationToken.None);
                return 0;
        }
    }

    private static (string Key, ApiKeyRecord Record) CreateKey(KeysOptions options, DateTimeOffset now)
    {
        var (key, prefix, hash) = GenerateKey();
        return (key, new ApiKeyRecord
        {
            Prefix = prefix,
            SecretSha256 = hash,
            Tenant = options.Tenant!,
            UserId = options.UserId?.ToString(),
            Scopes = [.. options.Scopes],
            Projects = [.. options.Projects],
            ActorType = options.ActorType,
            CreatedAt = now,
            NotBefore = options.NotBefore,
            NotAfter = options.NotAfter,
        });
    }

    private static (string Key, ApiKeyRecord Record) RenewKey(ApiKeyRecord old, DateTimeOffset now)
    {
        var (key, prefix, hash) = GenerateKey();
        return (key, old with { Prefix = prefix, SecretSha256 = hash, CreatedAt = now, NotBefore = null });
    }

    private static (string Key, string Prefix, string Hash) GenerateKey()
    {
        var key = ApiKey.Create();
        _ = ApiKey.TryParse(key, out var prefix, out var secret);
        return (key, prefix, ApiKey.ComputeHash(secret));
    }

    private static async Task InsertAndPrint(
        (string Key, ApiKeyRecord Record) created, IApiKeyStore store, KeysOptions options, TextWriter output)
    {
        var (key, record) = created;
        if (!await store.TryInsert(record, CancellationToken.None))
        {
            throw new InvalidOperationException("The prefix is taken. Try again."); // one in 10^12
        }

        await output.WriteLineAsync(options.Json
            ? JsonSerializer.Serialize(
                new { Key = key, record.Prefix, record.Tenant, record.Scopes, record.Projects, record.NotAfter }, JsonOptions)
            : $"""
               API key (shown once; keep it secret):
                 {key}
               """);
    }

    private static async Task<int> ReportNotFound(string message)
    {
        await Console.Error.WriteLineAsync(message);
        return NotFoundExitCode;
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
        $"{FormatTime(key.NotBefore ?? key.CreatedAt)}..{FormatTime(key.NotAfter)}",
        key.IsValidAt(now) ? "valid" : "not valid");

    private static string FormatTime(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "";

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
            ["NotBefore"] = record.NotBefore is null ? null : FormatTime(record.NotBefore),
            ["NotAfter"] = record.NotAfter is null ? null : FormatTime(record.NotAfter),
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

    private static async Task<ServiceProvider> OpenStore()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.AddSecretFiles([]);
        var services = new ServiceCollection().AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddStore(ServerOptions.From(builder.Configuration, builder.Environment.IsDevelopment()));
        var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IRunStore>().Initialize(CancellationToken.None);
        return provider;
    }
}
