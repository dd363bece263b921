using Runs.Store;

namespace Runs.Server.Commands;

/// <summary>
/// <c>keys create|list|revoke|rotate</c>: creates, lists, revokes and rotates API keys in the store that the settings
/// name. Servers apply a change within seconds, without a restart. A key is shown once, when it is created; only its
/// hash is stored.
/// </summary>
internal static class KeysCommand
{
    /// <summary>The exit code when no such key is stored.</summary>
    public const int NotFoundExitCode = 1;

    private const string Usage = """
        usage: keys create --tenant <tenant> [--user <uuid>] [--scopes "read write execute answer"] [--projects "<uuid> …"]
                           [--actor-type human|agent|system] [--not-before <time>] [--not-after <time>] [--json] [--print-only]
               keys list [--tenant <tenant>] [--json]
               keys revoke <prefix>
               keys rotate <prefix> [--overlap 1.00:00:00] [--json]

        The store is the one that ConnectionStrings__MongoDb or Sqlite__DataDirectory name. Times are like 2027-01-31T00:00:00Z.
        --print-only stores nothing and prints the settings Auth__ApiKeys__0__… for the server.
        """;

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
            return await CreateKeyCommand.Print(options, TimeProvider.System.GetUtcNow().TruncateToMilliseconds(), output);
        }

        await using var services = await OpenStore();
        return await Execute(options, services.GetRequiredService<IApiKeyStore>(), TimeProvider.System, output);
    }

    /// <summary>Executes the command on <paramref name="store"/>.</summary>
    public static Task<int> Execute(KeysOptions options, IApiKeyStore store, TimeProvider clock, TextWriter output)
    {
        var now = clock.GetUtcNow().TruncateToMilliseconds();
        return options.Verb switch
        {
            KeysVerb.Create => CreateKeyCommand.Execute(options, store, now, output),
            KeysVerb.List => ListKeysCommand.Execute(options, store, now, output),
            KeysVerb.Revoke => RevokeKeyCommand.Execute(options.Prefix!, store, now),
            _ => RotateKeyCommand.Execute(options, store, now, output),
        };
    }

    /// <summary>Reports that no such key is stored.</summary>
    /// <returns><see cref="NotFoundExitCode"/>.</returns>
    public static async Task<int> ReportNotFound(string message)
    {
        await Console.Error.WriteLineAsync(message);
        return NotFoundExitCode;
    }

    private static async Task<ServiceProvider> OpenStore()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.AddSecretFiles([]);
        var services = new ServiceCollection().AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddStore(ServerComposition.From(builder.Configuration, builder.Environment.IsDevelopment()));
        var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IRunStore>().Initialize(CancellationToken.None);
        return provider;
    }
}
