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
        builder.Logging.AddFilter(HostCategory, level => level >= LogLevel.Information && !_hasFailed);
        builder.Logging.AddFilter(KestrelCategory, level => level >= LogLevel.Warning && !_hasFailed);
    }

    /// <summary>Logs again what the framework reports, once the server has started on other addresses.</summary>
    public void ConfigureStarted(IHostApplicationLifetime lifetime) => lifetime.ApplicationStarted.Register(() => _hasFailed = false);

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
