using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Runs.Tests.Http;

/// <summary>Requests per second of a tenant, the deadline of a body, and what answers say of both.</summary>
public sealed class RateTests(SlowRateStack stack) : IClassFixture<SlowRateStack>
{
    [Fact]
    public async Task A_tenant_over_its_rate_is_answered_429_before_its_body_is_read_and_others_are_served()
    {
        using var other = stack.Caller(SharedStack.OtherKey);
        var created = await stack.Client.Post("/runs", Calls.Task());
        var crowd = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => stack.Client.Post("/runs", "no JSON")));

        Assert.Equal(202, created.Status);
        Assert.Equal("\"creates\";q=1;w=1", created.Headers["RateLimit-Policy"]);
        Assert.Matches("^\"creates\";r=[01];t=1$", created.Headers["RateLimit"]);
        Assert.Contains(crowd, answer => answer.Status == 429); // on a slow machine a second passes between two of them
        var rejected = crowd.First(answer => answer.Status == 429);
        rejected.IsProblem(429);
        Assert.Equal("TOO_MANY_REQUESTS", rejected["code"].GetString());
        Assert.Equal("1", rejected.Headers["Retry-After"]);
        Assert.Equal("\"creates\";q=1;w=1", rejected.Headers["RateLimit-Policy"]);
        await other.Create(Calls.Task());
    }

    [Fact]
    public async Task Each_kind_of_request_has_a_rate_of_its_own_and_0_switches_it_off()
    {
        var read = await stack.Client.Read("/runs/any");
        var append = await stack.Client.Post("/runs/any/events", "no JSON");
        var command = await stack.Client.Post("/runs/any/cancel");

        Assert.Equal("\"reads\";q=20000;w=1", read.Headers["RateLimit-Policy"]);
        Assert.Equal("\"appends\";q=10000;w=1", append.Headers["RateLimit-Policy"]);
        Assert.DoesNotContain("RateLimit", command.Headers.Keys);
        append.IsProblem(400);
    }

    [Fact]
    public async Task Routes_without_a_credential_have_no_rate()
    {
        using var nobody = stack.Caller(null);

        Assert.DoesNotContain("RateLimit", (await nobody.Read("/runs/any")).Headers.Keys);
        Assert.DoesNotContain("RateLimit", (await nobody.Read("/health/ready")).Headers.Keys);
    }

    [Fact]
    public async Task A_body_that_does_not_arrive_in_time_is_answered_408()
    {
        using var sender = await SlowSender.Send(stack.Client.BaseAddress!, "vf_dev_secret", "/runs/any/events", announced: 1_000, sent: 10);

        Assert.Equal(408, await sender.Status());
    }

    [Fact]
    public async Task After_a_body_that_came_too_late_its_connection_can_be_used_and_nothing_is_logged_as_an_error()
    {
        using var sender = await SlowSender.Send(stack.Client.BaseAddress!, "vf_dev_secret", "/runs/any/events", announced: 1_000, sent: 10);
        Assert.Equal(408, await sender.Status());

        await sender.Write(new string(' ', 990) + "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");

        Assert.Equal(200, await sender.Status());
        Assert.False(stack.Errors.TryTake(out var error), error);
    }

    [Fact]
    public async Task A_body_may_begin_with_a_byte_order_mark()
    {
        using var content = new ByteArrayContent([.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes($$"""{"events":[{"type":"CUSTOM","value":"{{new string('x', 10_000)}}"}]}""")]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        using var response = await stack.Client.PostAsync("/runs/any/events", content);

        (await Answer.Of(response)).IsProblem(404);
    }
}

/// <summary>A server that takes one create of a tenant in a second, and waits half a second for a body.</summary>
public sealed class SlowRateStack : EmbeddedStack
{
    public ErrorLog Errors { get; } = new();

    protected override void Adjust(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Logging.AddProvider(Errors);
    }

    protected override async Task<Dictionary<string, string?>> Settings() => new(await base.Settings())
    {
        ["Api:CreatesPerSecond"] = "1",
        ["Api:CommandsPerSecond"] = "0",
        ["Api:BodyTimeout"] = "00:00:00.500",
    };
}
