using System.Net;
using System.Net.Sockets;

namespace Runs.Server.Configuration;

/// <summary>The server cannot listen on an address. The message names the address and the setting.</summary>
internal sealed class ListenAddressException(EndPoint address, SocketException cause)
    : SocketException((int)cause.SocketErrorCode, Describe(address, cause))
{
    private static string Describe(EndPoint address, SocketException cause) => cause.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"{address} is in use by another process. Stop it, or set ASPNETCORE_URLS to a free address.",
        SocketError.AccessDenied => $"This user may not listen on {address}. Set ASPNETCORE_URLS to an address that it may use.",
        SocketError.AddressNotAvailable => $"{address} is not an address of this machine. Set ASPNETCORE_URLS to one that is.",
        _ => $"The server cannot listen on {address}, which ASPNETCORE_URLS sets: {cause.Message}",
    };
}
