using System.Net;

namespace Runs.Tests.Http;

public sealed class CrossOriginDisabledTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    [Fact]
    public async Task Without_configured_origins_no_CORS_headers_are_sent()
    {
        using var response = await application.Client.SendAsync(CrossOriginTests.Preflight("https://console.example.com", "POST", "/runs"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.Ordinal));
    }
}
