using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Runs.Tests.Messaging;

/// <summary>
/// A listener on 127.0.0.1 in place of a broker. It keeps the first bytes that a client sends; with a certificate,
/// those after the TLS handshake.
/// </summary>
internal sealed class TlsListener : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2? _certificate;
    private readonly SslProtocols _protocols;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<string> _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;

    public TlsListener(X509Certificate2? certificate, SslProtocols protocols = SslProtocols.None)
    {
        (_certificate, _protocols) = (certificate, protocols);
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The first bytes of the first client that sends any, as text.</summary>
    public Task<string> Received => _received.Task.WaitAsync(Eventually.Timeout);

    /// <summary>The first bytes so far; null if no client has sent any.</summary>
    public string? ReceivedSoFar => _received.Task.IsCompletedSuccessfully ? _received.Task.GetAwaiter().GetResult() : null;

    /// <summary>The number of connections that have ended.</summary>
    public int ServedConnections { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task Accept()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                await Receive(client.GetStream());
            }
            catch (Exception exception) when (
                exception is IOException or AuthenticationException or OperationCanceledException or SocketException)
            {
                // The client rejected this listener, or the test has ended.
            }

            ServedConnections++;
        }
    }

    private async Task Receive(Stream stream)
    {
        if (_certificate is not null)
        {
            var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = _certificate, EnabledSslProtocols = _protocols },
                _stopping.Token);
            stream = tls;
        }

        var buffer = new byte[8];
        if (await stream.ReadAsync(buffer, _stopping.Token) is > 0 and var count)
        {
            _received.TrySetResult(System.Text.Encoding.Latin1.GetString(buffer, 0, count));
        }
    }
}
