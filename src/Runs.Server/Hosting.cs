using System.Reflection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Runs.Api;

namespace Runs.Server;

/// <summary>What every process has: bounds, a clock, and a word to the person who starts it.</summary>
internal static class Hosting
{
    private const string DefaultSecrets = "/run/secrets";
    private const string DefaultAddress = "http://127.0.0.1:8080";

    /// <summary>
    /// Adds the files of the directory <c>Secrets:Directory</c> as settings, each with its name and content, such as <c>ConnectionStrings__MongoDb</c>. They win over
    /// the settings beside the program; environment variables and arguments win over them.
    /// </summary>
    public static void AddSecrets(this WebApplicationBuilder builder, string[] args) => builder.Configuration
        .AddKeyPerFile(Path.GetFullPath(builder.Configuration["Secrets:Directory"] ?? DefaultSecrets), optional: true)
        .AddEnvironmentVariables()
        .AddCommandLine(args);

    public static void AddHosting(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 10 * 1024 * 1024;
        });
        if (string.IsNullOrEmpty(builder.Configuration["urls"]) && string.IsNullOrEmpty(builder.Configuration["http_ports"]))
        {
            builder.WebHost.UseUrls(DefaultAddress);
        }
    }

    /// <summary>Prints, once the server listens and only in Development, where it is and how to create a first run.</summary>
    public static void Greet(this WebApplication app, ServerOptions options)
    {
        if (!app.Environment.IsDevelopment() || !options.RunsApi)
        {
            return;
        }

        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var address = app.Urls.FirstOrDefault(DefaultAddress);
            Console.Out.WriteLine($$$"""

                Runs {{{typeof(Hosting).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}}} listens on {{{address}}}
                  store    {{{(options.MongoDb is null ? Path.GetFullPath(options.DataDirectory) : "MongoDB")}}}
                  broker   {{{(options.RabbitMq is null ? "in this process" : "RabbitMQ")}}}
                  API key  {{{DevelopmentKey.Text}}} (tenant {{{DevelopmentKey.Tenant}}}; Development only)
                  API      {{{address}}}/docs

                Try:
                  curl -i {{{address}}}/runs -H 'Authorization: Bearer {{{DevelopmentKey.Text}}}' -H 'Content-Type: application/json' \
                    -d '{"kind":"task","public_id":"run_hello","owner":{"kind":"project","id":"7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10"},"request":{"target":"task:hello"}}'

                """);
        });
    }
}
