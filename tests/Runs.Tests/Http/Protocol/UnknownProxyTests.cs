namespace Runs.Tests.Http;

public sealed class UnknownProxyTests(UnknownProxyApplication application) : IClassFixture<UnknownProxyApplication>
{
    [Fact]
    public async Task Forwarded_headers_of_an_unknown_proxy_are_ignored()
    {
        await using var proxy = await StrippingProxy.Start(application.Client.BaseAddress!);
        using var caller = application.CreateClient(DevelopmentApiKey.Key);
        caller.BaseAddress = proxy.Address;

        var created = await caller.Post("api/runs", TestRequests.TaskBody());

        Assert.StartsWith("/runs/", created.Headers["Location"], StringComparison.Ordinal);
        Assert.False((await caller.Get("api/openapi.json")).Body.TryGetProperty("servers", out _));
    }
}
