namespace Runs.Tests.Applications;

/// <summary>A server that trusts proxies of another network only.</summary>
public sealed class UnknownProxyApplication() : EmbeddedApplication(new() { ["Proxy:KnownNetworks:0"] = "192.0.2.0/24" });
