using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Runs.Tests.Http;

public sealed class CompressedBodyTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    private const int Limit = 10 * 1024 * 1024;

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZip")]
    [InlineData("x-gzip")]
    [InlineData("br")]
    [InlineData("identity")]
    [InlineData("identity, gzip")]
    public async Task A_compressed_body_is_accepted(string encoding)
    {
        var id = TestRequests.NewId();

        var response = await Post(Compressed(Json(TestRequests.TaskBody(id)), encoding), encoding);

        Assert.Equal("task:rebuild-index", response.Read<CreatedRun>(202).Run.Target);
        Assert.Equal("task:rebuild-index", (await application.Client.GetRun(id)).Target);
    }

    [Fact]
    public async Task Appended_events_may_be_compressed()
    {
        var run = await application.Client.CreateTask();

        var body = Compressed("""{"events":[{"type":"CUSTOM"}]}"""u8.ToArray(), "gzip");

        Assert.Equal(200, (await Post(body, "gzip", $"/runs/{run}/events")).Status);
    }

    [Theory]
    [InlineData("deflate")]
    [InlineData("zstd")]
    [InlineData("compress")]
    [InlineData("gzip, br")]
    [InlineData("gzip, gzip")]
    [InlineData("nonsense")]
    public async Task An_unsupported_encoding_is_rejected_with_the_supported_ones(string encoding)
    {
        var response = await Post(Json(TestRequests.TaskBody()), encoding);

        response.AssertProblem(415, "gzip, br");
        response.AssertProblemCode(415, "UNSUPPORTED_CONTENT_ENCODING");
        Assert.Equal("gzip,br", response.Headers["Accept-Encoding"].Replace(" ", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task An_uncompressed_body_with_a_Content_Encoding_header_is_rejected(string encoding)
    {
        var response = await Post(Json(TestRequests.TaskBody()), encoding);

        response.AssertProblem(400, $"not valid {encoding}");
        response.AssertProblemCode(400, "INVALID_CONTENT_ENCODING");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task A_truncated_compressed_body_is_rejected_and_nothing_is_stored(string encoding)
    {
        var id = TestRequests.NewId();
        var whole = Compressed(Json(TestRequests.TaskBody(id)), encoding);

        (await Post(whole[..^12], encoding)).AssertProblem(400);

        (await application.Client.Get($"/runs/{id}")).AssertProblem(404);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task The_size_limit_applies_after_decompression(string encoding)
    {
        var body = Json(TestRequests.TaskBody(request: new { target = "task:t", config = new { a = new string('x', Limit) } }));
        var compressed = Compressed(body, encoding);
        Assert.True(compressed.Length < Limit / 100);

        (await Post(compressed, encoding)).AssertProblemCode(413, "BODY_TOO_LARGE");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Decompression_stops_at_the_size_limit(string encoding)
    {
        var bomb = Compressed(new byte[200 * 1024 * 1024], encoding);

        (await Post(bomb, encoding)).AssertProblem(413);
    }

    [Fact]
    public async Task A_cancel_without_a_body_accepts_any_Content_Encoding()
    {
        var run = await application.Client.CreateTask();

        Assert.Equal(200, (await Post([], "zstd", $"/runs/{run}/cancel")).Status);
    }

    private static byte[] Json(object body) => JsonSerializer.SerializeToUtf8Bytes(body);

    private static byte[] Compressed(byte[] body, string encoding)
    {
        if (encoding == "identity")
        {
            return body;
        }

        using var compressed = new MemoryStream();
        using (Stream compression = encoding == "br"
            ? new BrotliStream(compressed, CompressionLevel.Fastest)
            : new GZipStream(compressed, CompressionLevel.Fastest))
        {
            compression.Write(body);
        }

        return compressed.ToArray();
    }

    private async Task<ApiResponse> Post(byte[] body, string encoding, string path = "/runs")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using var response = await application.Client.PostAsync(path, content);
        return await ApiResponse.From(response);
    }
}
