using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Runs.Tests.Http;

public sealed class CompressedBodyTests(EmbeddedStack stack) : IClassFixture<EmbeddedStack>
{
    private const int Limit = 10 * 1024 * 1024;

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZip")]
    [InlineData("x-gzip")]
    [InlineData("br")]
    [InlineData("identity")]
    [InlineData("identity, gzip")]
    public async Task A_compressed_body_is_read(string encoding)
    {
        var id = Calls.NewId();

        var answer = await Post(Compressed(Json(Calls.Task(id)), encoding), encoding);

        Assert.True(answer.Status == 202, answer.ToString());
        Assert.Equal("task:rebuild-index", (await stack.Client.Read($"/runs/{id}"))["target"].GetString());
    }

    [Fact]
    public async Task Appended_events_may_be_compressed()
    {
        var run = (await stack.Client.Create(Calls.Task())).GetProperty("run").GetProperty("run_id").GetString();

        var answer = await Post(Compressed("""{"events":[{"type":"CUSTOM"}]}"""u8.ToArray(), "gzip"), "gzip", $"/runs/{run}/events");

        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData("deflate")]
    [InlineData("zstd")]
    [InlineData("compress")]
    [InlineData("gzip, br")]
    [InlineData("gzip, gzip")]
    [InlineData("nonsense")]
    public async Task Another_encoding_is_refused_with_those_that_are_read(string encoding)
    {
        var answer = await Post(Json(Calls.Task()), encoding);

        answer.IsProblem(415, "gzip, br");
        Assert.Equal("UNSUPPORTED_CONTENT_ENCODING", answer["code"].GetString());
        Assert.Equal("gzip,br", answer.Headers["Accept-Encoding"].Replace(" ", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task A_plain_body_that_says_it_is_compressed_is_refused(string encoding)
    {
        var answer = await Post(Json(Calls.Task()), encoding);

        answer.IsProblem(400, $"not valid {encoding}");
        Assert.Equal("INVALID_CONTENT_ENCODING", answer["code"].GetString());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task A_compressed_body_that_ends_too_early_is_refused_and_nothing_is_stored(string encoding)
    {
        var id = Calls.NewId();
        var whole = Compressed(Json(Calls.Task(id)), encoding);

        (await Post(whole[..^12], encoding)).IsProblem(400);

        (await stack.Client.Read($"/runs/{id}")).IsProblem(404);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task The_size_limit_holds_after_decompression(string encoding)
    {
        var body = Json(Calls.Task(request: new { target = "task:t", config = new { a = new string('x', Limit) } }));
        var compressed = Compressed(body, encoding);
        Assert.True(compressed.Length < Limit / 100);

        var answer = await Post(compressed, encoding);

        answer.IsProblem(413);
        Assert.Equal("BODY_TOO_LARGE", answer["code"].GetString());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task A_decompression_bomb_is_given_up_at_the_limit(string encoding)
    {
        var bomb = Compressed(new byte[200 * 1024 * 1024], encoding);

        (await Post(bomb, encoding)).IsProblem(413);
    }

    [Fact]
    public async Task A_cancel_without_a_body_may_name_any_encoding()
    {
        var run = (await stack.Client.Create(Calls.Task())).GetProperty("run").GetProperty("run_id").GetString();

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
        using (Stream compression = encoding == "br" ? new BrotliStream(compressed, CompressionLevel.Fastest) : new GZipStream(compressed, CompressionLevel.Fastest))
        {
            compression.Write(body);
        }

        return compressed.ToArray();
    }

    private async Task<Answer> Post(byte[] body, string encoding, string path = "/runs")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using var response = await stack.Client.PostAsync(path, content);
        return await Answer.Of(response);
    }
}
