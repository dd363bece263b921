using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Runs.Store;

namespace Runs.Api.Security;

/// <summary>Warns when a server that takes keys of the store only has none, so that every call would be 401.</summary>
internal sealed partial class AuthenticationWarnings(IApiKeyStore store, IOptions<AuthOptions> options, ILogger<AuthenticationWarnings> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value is not { ApiKeys.Count: 0, HasSigner: false })
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
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            LogNotChecked(failure); // a store that does not answer is logged by its probe
        }
    }

    [LoggerMessage(LogLevel.Warning, "No API key is configured or stored and no signer of tokens is set: every call is answered 401. Make a key with \"keys create\".")]
    private partial void LogNoKeys();

    [LoggerMessage(LogLevel.Debug, "Whether there are API keys could not be checked")]
    private partial void LogNotChecked(Exception failure);
}
