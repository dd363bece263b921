using Microsoft.Extensions.Options;
using Runs.Api;
using Runs.Lifecycle;
using Runs.Store.Sqlite;

namespace Runs.Server;

/// <summary>Composes a server from the parts that its role and its connection strings require.</summary>
internal static class ServerBuilder
{
    /// <summary>Creates a builder with the settings of files, secrets, environment and arguments.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        // The settings files next to the program apply, regardless of the working directory.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.AddSecretFiles(args);
        return builder;
    }

    /// <summary>Builds the host without starting it.</summary>
    public static WebApplication Build(string[] args) => Build(CreateBuilder(args));

    /// <summary>Adds the parts that the builder's settings require, and builds the host without starting it.</summary>
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        var composition = ServerComposition.From(builder.Configuration, builder.Environment.IsDevelopment());

        var listenAddresses = new ListenAddresses();
        listenAddresses.Configure(builder);
        builder.ConfigureHost();
        builder.AddTelemetry(composition);
        builder.Services.AddStoreInitializer(); // first, so that all other services find the indexes
        builder.Services.AddStore(composition);
        builder.Services.AddBus(composition);
        builder.Services.AddHealth(composition);
        if (composition.HostsLifecycle)
        {
            builder.Services.AddLifecycle();
        }

        if (composition.HostsApi)
        {
            builder.Services.AddRunsApi(builder.Environment.IsDevelopment());
            if (composition.MongoDb is null)
            {
                builder.Services.AddSigningKeyFile(Path.Combine(composition.DataDirectory, "signing-key.pem"));
            }
        }

        var app = builder.Build();
        // Reports all invalid settings at once, before any is used; the host would log a stack trace.
        app.Services.GetService<IStartupValidator>()?.Validate();
        app.MapHealth(composition);
        if (composition.HostsApi)
        {
            app.UseRunsApi();
            app.MapRuns();
        }

        listenAddresses.ConfigureStarted(app.Lifetime);
        app.ConnectReplyEndpoint(composition);
        app.WarnAboutUnencryptedBroker(composition);
        composition.MongoDb?.LogWarnings(app.Logger, app.Environment.IsProduction());
        app.PrintStartupBanner(composition);
        return app;
    }

    /// <summary>Adds the store that the connection strings select.</summary>
    public static void AddStore(this IServiceCollection services, ServerComposition composition)
    {
        if (composition.MongoDb is { } mongoDb)
        {
            mongoDb.AddStore(services);
        }
        else
        {
            services.AddSqliteRunStore(Path.Combine(composition.DataDirectory, "runs.db"));
        }
    }

    private static void AddStoreInitializer(this IServiceCollection services)
    {
        services.AddSingleton<StoreInitializer>();
        services.AddHostedService(provider => provider.GetRequiredService<StoreInitializer>());
    }
}
