using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Runs.Server.Configuration;

/// <summary>
/// Reports an address that the server cannot listen on as an invalid setting. The framework would log the exception
/// twice, with its stack trace.
/// </summary>
internal sealed class ListenAddresses
{
    private const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";
    private const string KestrelCategory = "Microsoft.AspNetCore.Server.Kestrel";

    private volatile bool _hasFailed;

    public void Configure(WebApplicationBuilder builder)
    {
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = CreateListenSocket);
        builder.Services.PostConfigure<LoggerFilterOptions>(ExtendRules);
    }

    /// <summary>Logs again what the framework reports, once the server has started on other addresses.</summary>
    public void ConfigureStarted(IHostApplicationLifetime lifetime) => lifetime.ApplicationStarted.Register(() => _hasFailed = false);

    // The configured rules keep their levels. The first rule applies where there is no other.
    private void ExtendRules(LoggerFilterOptions options)
    {
        options.Rules.Insert(0, new LoggerFilterRule(providerName: null, categoryName: null, options.MinLevel, filter: null));
        for (var i = 0; i < options.Rules.Count; i++)
        {
            var rule = options.Rules[i];
            options.Rules[i] = new LoggerFilterRule(
                rule.ProviderName,
                rule.CategoryName,
                rule.LogLevel,
                (provider, category, level) => !IsSuppressed(category) && rule.Filter?.Invoke(provider, category, level) != false);
        }
    }

    private bool IsSuppressed(string? category) =>
        _hasFailed
        && category is not null
        && (category == HostCategory || category.StartsWith(KestrelCategory, StringComparison.Ordinal));

    private Socket CreateListenSocket(EndPoint address)
    {
        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        }
        catch (SocketException exception)
        {
            _hasFailed = true;
            throw new ListenAddressException(address, exception);
        }
    }
}
