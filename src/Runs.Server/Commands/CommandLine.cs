using System.Reflection;

namespace Runs.Server.Commands;

/// <summary>The commands of the executable. Without a command, it starts the server.</summary>
internal static class CommandLine
{
    /// <summary>The exit code for wrong arguments (EX_USAGE of sysexits.h).</summary>
    public const int UsageExitCode = 64;

    private const string Usage = """
        usage: Runs.Server [serve] [--<setting> <value> ...]   starts the server
               Runs.Server health <address>                    requests a health endpoint; exits with 0 if it is healthy
               Runs.Server keys create|list|revoke|rotate      manages the API keys; "keys help" lists the options
               Runs.Server version                             prints the version
               Runs.Server help                                prints this text

        Settings are environment variables, files in /run/secrets, or arguments: ASPNETCORE_URLS=http://127.0.0.1:9000
        or --urls http://127.0.0.1:9000, Api__ReplyTimeout=00:00:05 or --Api:ReplyTimeout 00:00:05.
        docs/configuration.md describes them all.

        Exit codes: 64 wrong arguments, 75 the supervisor should restart the server, 78 an invalid setting.
        """;

    /// <summary>The version of this build.</summary>
    public static string Version =>
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>Executes the command that <paramref name="args"/> name.</summary>
    /// <param name="args">The arguments of the process.</param>
    /// <param name="runServer">Runs the server with the remaining arguments until it stops.</param>
    /// <returns>The exit code of the process.</returns>
    public static async Task<int> Execute(string[] args, Func<string[], Task<int>> runServer)
    {
        switch (args)
        {
            case [var word, ..] when IsHelp(word) || (args is ["serve", var next, ..] && IsHelp(next)):
                await Console.Out.WriteLineAsync(Usage);
                return 0;

            case ["version" or "--version"]:
                await Console.Out.WriteLineAsync(Version);
                return 0;

            case ["keys", .. var command]:
                return await KeysCommand.Execute(command);

            case ["health", var address]:
                return await HealthCommand.Execute(address);

            case ["health", ..]:
                return await ReportUsage("health needs one address, such as http://127.0.0.1:8080/health/ready.");

            default:
                var settings = args is ["serve", .. var rest] ? rest : args;
                return FindError(settings) is { } error ? await ReportUsage(error) : await runServer(settings);
        }
    }

    /// <summary>Whether <paramref name="word"/> requests the usage.</summary>
    public static bool IsHelp(string word) => word is "help" or "--help" or "-h" or "-?";

    // The configuration ignores arguments other than settings, so a misspelled command would start a server.
    private static string? FindError(string[] settings)
    {
        for (var i = 0; i < settings.Length; i++)
        {
            var setting = settings[i];
            if (setting.Contains('='))
            {
                continue;
            }

            if (!setting.StartsWith("--", StringComparison.Ordinal) && !setting.StartsWith('/'))
            {
                return $"There is no command or setting \"{setting}\".";
            }

            if (++i == settings.Length)
            {
                return $"The setting {setting} has no value.";
            }
        }

        return null;
    }

    private static async Task<int> ReportUsage(string error)
    {
        await Console.Error.WriteLineAsync($"{error}{Environment.NewLine}{Environment.NewLine}{Usage}");
        return UsageExitCode;
    }
}
