namespace Runs.Tests.Applications;

/// <summary>A server that trusts proxies on this machine.</summary>
public sealed class ReverseProxyApplication()
    : EmbeddedApplication(new() { ["Proxy:KnownNetworks:0"] = "127.0.0.0/8", ["Proxy:KnownNetworks:1"] = "::1" });
