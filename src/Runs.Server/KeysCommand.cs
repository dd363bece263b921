using System.Globalization;
using System.Text.Json;
using Runs.Api;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Server;

/// <summary>
/// <c>keys create|list|revoke|rotate</c>: makes, shows and ends the API keys of the store that the settings name. Servers notice within seconds, without a restart. A key is shown
/// once, when it is made; only its hash is stored.
/// </summary>
internal static class KeysCommand
{
    private const int WrongUsage = 2;
    private const int NotFound = 1;

    private const string Usage = """
        usage: keys create --tenant <tenant> [--user <uuid>] [--scopes "read write execute answer"] [--projects "<uuid> …"]
                           [--actor-type human|agent|system] [--not-before <time>] [--not-after <time>] [--json] [--print-only]
               keys list [--tenant <tenant>] [--json]
               keys revoke <prefix>
               keys rotate <prefix> [--overlap 1.00:00:00] [--json]

        The store is the one that ConnectionStrings__MongoDb or Embedded__DataDirectory name. Times are like 2027-01-31T00:00:00Z.
        --print-only stores nothing and prints the settings Auth__ApiKeys__0__… for the server.
        """;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public static async Task<int> Run(string[] args, TextWriter? output = null)
    {
        output ??= Console.Out;
        if (KeysOptions.TryParse(args) is not { } options)
        {
            await Console.Error.WriteLineAsync(Usage);
            return WrongUsage;
        }

        if (options.PrintOnly)
        {
            var (key, record) = Create(options, UtcMilliseconds.Truncate(TimeProvider.System.GetUtcNow()));
            await output.WriteLineAsync(AsSettings(key, record));
            return 0;
        }

        await using var services = await OpenStore();
        return await Run(options, services.GetRequiredService<IApiKeyStore>(), TimeProvider.System, output);
    }

    /// <summary>Carries out the command on <paramref name="store"/>.</summary>
    public static async Task<int> Run(KeysOptions options, IApiKeyStore store, TimeProvider clock, TextWriter output)
    {
        var now = UtcMilliseconds.Truncate(clock.GetUtcNow());
        switch (options.Verb)
        {
            case "create":
                await Insert(Create(options, now), store, options, output);
                return 0;

            case "list":
                var keys = await store.List(options.Tenant, CancellationToken.None);
                await output.WriteLineAsync(options.Json
                    ? JsonSerializer.Serialize(keys.Select(key => Shown(key, now)), Json)
                    : string.Join(Environment.NewLine, keys.Select(key => Line(key, now))));
                return 0;

            case "revoke":
                return await store.End(options.Prefix!, now, CancellationToken.None)
                    ? 0
                    : await Fail($"No such key: {options.Prefix}. Keys of the server's settings are revoked there.");

            default:
                if (await store.Find(options.Prefix!, CancellationToken.None) is not { } old || !old.IsValidAt(now))
                {
                    return await Fail($"No such key, or it is not valid: {options.Prefix}.");
                }

                // The new key first: a crash between the two leaves both valid, and none missing.
                await Insert(Renew(old, now), store, options, output);
                await store.End(old.Prefix, now + options.Overlap, CancellationToken.None);
                return 0;
        }
    }

    private static (string Key, ApiKeyRecord Record) Create(KeysOptions options, DateTimeOffset now)
    {
        var (key, prefix, hash) = NewKey();
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

    private static (string Key, ApiKeyRecord Record) Renew(ApiKeyRecord old, DateTimeOffset now)
    {
        var (key, prefix, hash) = NewKey();
        return (key, old with { Prefix = prefix, SecretSha256 = hash, CreatedAt = now, NotBefore = null });
    }

    private static (string Key, string Prefix, string Hash) NewKey()
    {
        var key = ApiKey.Create();
        _ = ApiKey.TryParse(key, out var prefix, out var secret);
        return (key, prefix, ApiKey.HashOf(secret));
    }

    private static async Task Insert((string Key, ApiKeyRecord Record) made, IApiKeyStore store, KeysOptions options, TextWriter output)
    {
        if (!await store.TryInsert(made.Record, CancellationToken.None))
        {
            throw new InvalidOperationException("The prefix is taken. Try again."); // one in 10^12
        }

        await output.WriteLineAsync(options.Json
            ? JsonSerializer.Serialize(new { made.Key, made.Record.Prefix, made.Record.Tenant, made.Record.Scopes, made.Record.Projects, made.Record.NotAfter }, Json)
            : $"""
               API key (shown once; keep it secret):
                 {made.Key}
               """);
    }

    private static async Task<int> Fail(string message)
    {
        await Console.Error.WriteLineAsync(message);
        return NotFound;
    }

    private static object Shown(ApiKeyRecord key, DateTimeOffset now) => new
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

    private static string Line(ApiKeyRecord key, DateTimeOffset now) => string.Join("  ",
        key.Prefix, key.Tenant, key.UserId ?? "-", string.Join(',', key.Scopes), key.Projects.Count == 0 ? "-" : string.Join(',', key.Projects), key.ActorType,
        $"{Time(key.NotBefore ?? key.CreatedAt)}..{Time(key.NotAfter)}", key.IsValidAt(now) ? "valid" : "not valid");

    private static string Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "";

    private static string AsSettings(string key, ApiKeyRecord record)
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
            ["NotBefore"] = record.NotBefore is null ? null : Time(record.NotBefore),
            ["NotAfter"] = record.NotAfter is null ? null : Time(record.NotAfter),
        };
        return $"""
            API key (shown once; keep it secret):
              {key}

            Settings for the server (use the next free number for 0):
            {string.Join(Environment.NewLine, settings.Where(setting => setting.Value is not null).Select(setting => $"  Auth__ApiKeys__0__{setting.Key}={setting.Value}"))}
            """;
    }

    private static async Task<ServiceProvider> OpenStore()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.AddSecrets([]);
        var services = new ServiceCollection().AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddStore(ServerOptions.From(builder.Configuration, builder.Environment.IsDevelopment()));
        var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IRunStore>().Prepare(CancellationToken.None);
        return provider;
    }
}
