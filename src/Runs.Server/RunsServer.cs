using Microsoft.Extensions.Options;
using Runs.Api;
using Runs.Lifecycle;
using Runs.Store.Sqlite;

namespace Runs.Server;

/// <summary>Puts a server together: the parts that its role and its connection strings ask for.</summary>
internal static class RunsServer
{
    /// <summary>The host, not yet started. <paramref name="adjust"/> may replace settings and services before it is built.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? adjust = null)
    {
        // The settings beside the program belong to it, wherever it is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.AddSecrets(args);
        adjust?.Invoke(builder);
        var options = ServerOptions.From(builder.Configuration, builder.Environment.IsDevelopment());

        builder.AddHosting();
        builder.Services.AddHostedService<StorePreparation>(); // first, so that everything else finds its indexes
        builder.Services.AddStore(options);
        builder.Services.AddBus(options);
        builder.Services.AddHealth(options);
        if (options.RunsLifecycle)
        {
            builder.Services.AddLifecycle();
        }

        if (options.RunsApi)
        {
            builder.Services.AddRunsApi(builder.Environment.IsDevelopment());
        }

        var app = builder.Build();
        app.Services.GetService<IStartupValidator>()?.Validate(); // all settings at once, before one of them is used; the host would log a stack trace
        app.MapHealth(options);
        if (options.RunsApi)
        {
            app.UseRunsApi();
            app.MapRuns();
        }

        app.ConnectReplyEndpoint(options);
        app.WarnOfPlainBroker(options);
        options.MongoDb?.Warn(app.Logger, app.Environment.IsProduction());
        app.Greet(options);
        return app;
    }

    /// <summary>The store that the connection strings name.</summary>
    public static void AddStore(this IServiceCollection services, ServerOptions options)
    {
        if (options.MongoDb is { } mongoDb)
        {
            mongoDb.AddStore(services);
        }
        else
        {
            services.AddSqliteRunStore(Path.Combine(options.DataDirectory, "runs.db"));
        }
    }
}
