using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Authentication;

/// <summary>
/// Logs a warning at startup when only stored keys are accepted and the store has none, so that every request would get
/// 401.
/// </summary>
internal sealed partial class AuthenticationWarnings(
    IApiKeyStore store, IOptions<AuthOptions> options, ILogger<AuthenticationWarnings> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value is not { ApiKeys.Count: 0, AcceptsTokens: false })
        {
            return;
        }

        try
        {
            if ((await store.List(tenant: null, stoppingToken)).Count == 0)
            {
                LogNoKeys();
            }
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogCheckFailed(exception); // Debug only: the store's probe logs an unavailable store
        }
    }

    [LoggerMessage(
        LogLevel.Warning,
        "No API key was configured or stored and no token issuer was set: every request gets 401. Create a key with \"keys create\".")]
    private partial void LogNoKeys();

    [LoggerMessage(LogLevel.Debug, "Failed to check whether API keys exist")]
    private partial void LogCheckFailed(Exception exception);
}
