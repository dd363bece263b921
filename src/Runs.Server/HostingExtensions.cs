using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;
using Runs.Server.Logging;

namespace Runs.Server;

/// <summary>Configures what all processes share: secret files, limits, the clock and the startup banner.</summary>
internal static class HostingExtensions
{
    /// <summary>
    /// Adds the files of the directory <c>Secrets:Directory</c> as settings. The name of a file is the name of a
    /// setting, such as <c>ConnectionStrings__MongoDb</c>, and its content is the value. They override the settings
    /// files next to the program; environment variables and arguments override them.
    /// </summary>
    public static void AddSecretFiles(this WebApplicationBuilder builder, string[] args) => builder.Configuration
        .AddKeyPerFile(Path.GetFullPath(ServerSettings.From(builder.Configuration).SecretsDirectory), optional: true)
        .AddEnvironmentVariables()
        .AddCommandLine(args);

    public static void ConfigureHost(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Logging.AddConsoleFormatter<JsonLogFormatter, ConsoleFormatterOptions>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        if (string.IsNullOrEmpty(builder.Configuration["http_ports"]))
        {
            builder.WebHost.UseUrls(ServerSettings.From(builder.Configuration).Urls);
        }
    }

    /// <summary>
    /// Prints the server's address and an example that creates a first run, after the server listens and only in
    /// Development.
    /// </summary>
    public static void PrintStartupBanner(this WebApplication app, ServerComposition composition)
    {
        if (!app.Environment.IsDevelopment() || !composition.HostsApi)
        {
            return;
        }

        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var address = app.Urls.First();
            Console.Out.WriteLine($$$"""

                Runs {{{CommandLine.Version}}} listens on {{{address}}}
                  store    {{{(composition.MongoDb is null ? Path.GetFullPath(composition.DataDirectory) : "MongoDB")}}}
                  broker   {{{(composition.RabbitMq is null ? "in this process" : "RabbitMQ")}}}
                  API key  {{{DevelopmentApiKey.Key}}} (tenant {{{DevelopmentApiKey.Tenant}}}; Development only)
                  API      {{{address}}}/docs

                Try:
                  curl -i {{{address}}}/runs -H 'Authorization: Bearer {{{DevelopmentApiKey.Key}}}' -H 'Content-Type: application/json' \
                    -d '{"kind":"task","public_id":"run_hello","request":{"target":"task:hello"},
                         "owner":{"kind":"project","id":"7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10"}}'

                """);
        });
    }
}
