using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;

namespace Runs.Tests.Http;

/// <summary>The request rate of a tenant, the deadline of a body, and the responses when they are exceeded.</summary>
public sealed class RateLimitTests(LowRateLimitApplication application) : IClassFixture<LowRateLimitApplication>
{
    [Fact]
    public async Task A_tenant_over_its_rate_limit_gets_429_before_its_body_is_read_and_other_tenants_are_served()
    {
        using var other = application.CreateClient(TenantLimitsApplication.OtherKey);
        var created = await application.Client.Post("/runs", TestRequests.TaskBody());
        var crowd = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => application.Client.Post("/runs", "no JSON")));

        Assert.Equal(202, created.Status);
        Assert.Equal("\"creates\";q=1;w=1", created.Headers["RateLimit-Policy"]);
        Assert.Matches("^\"creates\";r=[01];t=1$", created.Headers["RateLimit"]);
        Assert.Contains(crowd, answer => answer.Status == 429); // on a slow machine a second passes between two of them
        var rejected = crowd.First(answer => answer.Status == 429);
        rejected.AssertProblemCode(429, "TOO_MANY_REQUESTS");
        Assert.Equal("1", rejected.Headers["Retry-After"]);
        Assert.Equal("\"creates\";q=1;w=1", rejected.Headers["RateLimit-Policy"]);
        await other.Create(TestRequests.TaskBody());
    }

    [Fact]
    public async Task Each_kind_of_request_has_its_own_rate_limit_and_0_disables_it()
    {
        var read = await application.Client.Get("/runs/any");
        var append = await application.Client.Post("/runs/any/events", "no JSON");
        var command = await application.Client.Post("/runs/any/cancel");

        Assert.Equal("\"reads\";q=20000;w=1", read.Headers["RateLimit-Policy"]);
        Assert.Equal("\"appends\";q=10000;w=1", append.Headers["RateLimit-Policy"]);
        Assert.DoesNotContain("RateLimit", command.Headers.Keys);
        append.AssertProblem(400);
    }

    [Fact]
    public async Task Routes_without_authentication_have_no_rate_limit()
    {
        using var anonymous = application.CreateClient(null);

        Assert.DoesNotContain("RateLimit", (await anonymous.Get("/runs/any")).Headers.Keys);
        Assert.DoesNotContain("RateLimit", (await anonymous.Get("/health/ready")).Headers.Keys);
    }

    [Fact]
    public async Task A_body_that_times_out_gets_408()
    {
        using var sender = await SlowSender.Send(
            application.Client.BaseAddress!, "vf_dev_secret", "/runs/any/events", contentLength: 1_000, sentBytes: 10);

        Assert.Equal(408, await sender.ReadStatus());
    }

    [Fact]
    public async Task After_a_body_timeout_the_connection_is_reusable_and_no_error_is_logged()
    {
        using var sender = await SlowSender.Send(
            application.Client.BaseAddress!, "vf_dev_secret", "/runs/any/events", contentLength: 1_000, sentBytes: 10);
        Assert.Equal(408, await sender.ReadStatus());

        await sender.Write(new string(' ', 990) + "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");

        Assert.Equal(200, await sender.ReadStatus());
        Assert.False(application.Errors.TryTake(out var error), error);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task A_compressed_body_that_times_out_gets_408_and_no_error_is_logged(string encoding)
    {
        var body = Compress("{" + string.Concat(Enumerable.Range(0, 10_000).Select(number => $"\"{number}\":{number},")), encoding);

        using var sender = await SlowSender.Send(
            application.Client.BaseAddress!, "vf_dev_secret", "/runs/any/events", body.Length, body[..(body.Length / 2)], encoding);

        Assert.Equal(408, await sender.ReadStatus());
        await AssertReusable(sender, body[(body.Length / 2)..]);
        Assert.False(application.Errors.TryTake(out var error), error);
    }

    [Fact]
    public async Task A_body_may_begin_with_a_byte_order_mark()
    {
        var body = $$"""{"events":[{"type":"CUSTOM","value":"{{new string('x', 10_000)}}"}]}""";
        using var content = new ByteArrayContent([.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(body)]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        using var response = await application.Client.PostAsync("/runs/any/events", content);

        (await ApiResponse.From(response)).AssertProblem(404);
    }

    private static byte[] Compress(string text, string encoding)
    {
        using var compressed = new MemoryStream();
        using (Stream compression = encoding == "br"
            ? new BrotliStream(compressed, CompressionLevel.Fastest)
            : new GZipStream(compressed, CompressionLevel.Fastest))
        {
            compression.Write(Encoding.UTF8.GetBytes(text));
        }

        return compressed.ToArray();
    }

    // The server logs an error, if it does, when it drains the body.
    private static async Task AssertReusable(SlowSender sender, byte[] restOfBody)
    {
        await sender.Write(restOfBody);
        await sender.Write("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, await sender.ReadStatus());
    }
}
