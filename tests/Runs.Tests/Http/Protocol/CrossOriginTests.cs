using System.Net;
using Microsoft.Extensions.Options;
using Runs.Server;

namespace Runs.Tests.Http;

public sealed class CrossOriginTests(CrossOriginApplication application) : IClassFixture<CrossOriginApplication>
{
    [Theory]
    [InlineData("POST", "/runs")]
    [InlineData("GET", "/runs/any")]
    [InlineData("GET", "/runs/any/stream")]
    public async Task A_preflight_is_answered_without_a_credential(string method, string path)
    {
        using var anonymous = application.CreateClient(null);

        using var response = await anonymous.SendAsync(Preflight(CrossOriginApplication.Origin, method, path));

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(CrossOriginApplication.Origin, Header(response, "Access-Control-Allow-Origin"));
        Assert.Contains(method, Header(response, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Equal("authorization,content-type,last-event-id", Header(response, "Access-Control-Allow-Headers"));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task A_response_exposes_the_headers_that_clients_need()
    {
        using var caller = CreateClientFrom(CrossOriginApplication.Origin);

        var response = await caller.Post("/runs", TestRequests.TaskBody());

        Assert.Equal(202, response.Status);
        Assert.Equal(CrossOriginApplication.Origin, response.Headers["Access-Control-Allow-Origin"]);
        Assert.Equal(
            "Location,ETag,Retry-After,Server-Timing,RateLimit,RateLimit-Policy",
            response.Headers["Access-Control-Expose-Headers"].Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_error_response_has_CORS_headers()
    {
        using var caller = CreateClientFrom(CrossOriginApplication.Origin);
        caller.DefaultRequestHeaders.Authorization = null;

        Assert.Equal(CrossOriginApplication.Origin, (await caller.Get("/runs/any")).Headers["Access-Control-Allow-Origin"]);
        Assert.Equal(CrossOriginApplication.Origin, (await caller.Get("/nowhere")).Headers["Access-Control-Allow-Origin"]);
    }

    [Fact]
    public async Task An_unknown_origin_gets_no_CORS_headers()
    {
        using var caller = CreateClientFrom("https://evil.example");

        using var preflight = await caller.SendAsync(Preflight("https://evil.example", "POST", "/runs"));

        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False((await caller.Get("/runs/any")).Headers.ContainsKey("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("console.example.com")]
    [InlineData("https://console.example.com/")]
    [InlineData("https://console.example.com/path")]
    [InlineData("ftp://console.example.com")]
    [InlineData("null")]
    public void An_invalid_origin_setting_stops_the_start_and_is_named(string origin)
    {
        string[] arguments = ["--environment", "Development", "--Cors:AllowedOrigins:0", origin];

        var failure = Assert.Throws<OptionsValidationException>(() => ServerBuilder.Build(arguments));

        Assert.Contains("Cors:AllowedOrigins", failure.Message, StringComparison.Ordinal);
        Assert.Contains(origin, failure.Message, StringComparison.Ordinal);
    }

    internal static HttpRequestMessage Preflight(string origin, string method, string path) => new(HttpMethod.Options, path)
    {
        Headers =
        {
            { "Origin", origin },
            { "Access-Control-Request-Method", method },
            { "Access-Control-Request-Headers", "authorization,content-type,last-event-id" },
        },
    };

    private static string Header(HttpResponseMessage response, string name) => string.Join(",", response.Headers.GetValues(name));

    private HttpClient CreateClientFrom(string origin)
    {
        var caller = application.CreateClient(DevelopmentApiKey.Key);
        caller.DefaultRequestHeaders.Add("Origin", origin);
        return caller;
    }
}
