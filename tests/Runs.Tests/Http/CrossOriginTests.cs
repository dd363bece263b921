using System.Net;
using Microsoft.Extensions.Options;
using Runs.Server;

namespace Runs.Tests.Http;

public sealed class CrossOriginTests(CrossOriginStack stack) : IClassFixture<CrossOriginStack>
{
    [Theory]
    [InlineData("POST", "/runs")]
    [InlineData("GET", "/runs/any")]
    [InlineData("GET", "/runs/any/stream")]
    public async Task A_preflight_is_answered_without_a_credential(string method, string path)
    {
        using var stranger = stack.Caller(null);

        using var response = await stranger.SendAsync(Preflight(CrossOriginStack.Origin, method, path));

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(CrossOriginStack.Origin, Header(response, "Access-Control-Allow-Origin"));
        Assert.Contains(method, Header(response, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Equal("authorization,content-type,last-event-id", Header(response, "Access-Control-Allow-Headers"));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task An_answer_exposes_the_headers_that_clients_act_on()
    {
        using var caller = From(CrossOriginStack.Origin);

        var answer = await caller.Post("/runs", Calls.Task());

        Assert.Equal(202, answer.Status);
        Assert.Equal(CrossOriginStack.Origin, answer.Headers["Access-Control-Allow-Origin"]);
        Assert.Equal("Location,ETag,Retry-After,Server-Timing,RateLimit,RateLimit-Policy", answer.Headers["Access-Control-Expose-Headers"].Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refusal_can_be_read_by_the_page_too()
    {
        using var caller = From(CrossOriginStack.Origin);
        caller.DefaultRequestHeaders.Authorization = null;

        Assert.Equal(CrossOriginStack.Origin, (await caller.Read("/runs/any")).Headers["Access-Control-Allow-Origin"]);
        Assert.Equal(CrossOriginStack.Origin, (await caller.Read("/nowhere")).Headers["Access-Control-Allow-Origin"]);
    }

    [Fact]
    public async Task Another_origin_is_allowed_nothing()
    {
        using var caller = From("https://evil.example");

        using var preflight = await caller.SendAsync(Preflight("https://evil.example", "POST", "/runs"));

        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False((await caller.Read("/runs/any")).Headers.ContainsKey("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("console.example.com")]
    [InlineData("https://console.example.com/")]
    [InlineData("https://console.example.com/path")]
    [InlineData("ftp://console.example.com")]
    [InlineData("null")]
    public void What_is_no_origin_ends_the_start_with_the_name_of_the_setting(string origin)
    {
        var failure = Assert.Throws<OptionsValidationException>(() => RunsServer.Build(["--environment", "Development", "--Cors:Origins:0", origin]));

        Assert.Contains("Cors:Origins", failure.Message, StringComparison.Ordinal);
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

    private HttpClient From(string origin)
    {
        var caller = stack.Caller("vf_dev_secret");
        caller.DefaultRequestHeaders.Add("Origin", origin);
        return caller;
    }
}

public sealed class NoCrossOriginTests(EmbeddedStack stack) : IClassFixture<EmbeddedStack>
{
    [Fact]
    public async Task Without_configured_origins_no_page_may_call()
    {
        using var response = await stack.Client.SendAsync(CrossOriginTests.Preflight("https://console.example.com", "POST", "/runs"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.Ordinal));
    }
}

/// <summary>A server that the pages of one origin may call.</summary>
public sealed class CrossOriginStack : EmbeddedStack
{
    public const string Origin = "https://console.example.com";

    protected override async Task<Dictionary<string, string?>> Settings() => new(await base.Settings()) { ["Cors:Origins:0"] = Origin };
}
