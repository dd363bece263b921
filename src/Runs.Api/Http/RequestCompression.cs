using System.IO.Compression;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.RequestDecompression;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Runs.Api.Http;

/// <summary>
/// Accepts request bodies with <c>Content-Encoding: gzip</c> or <c>br</c> (RFC 9110 8.4). The limit of a body's size holds for what it is after decompression.
/// Other encodings are answered 415 with <c>Accept-Encoding</c>.
/// </summary>
internal static class RequestCompression
{
    /// <summary>The encodings that are read.</summary>
    public const string Accepted = "gzip, br";

    public static void AddRequestCompression(this IServiceCollection services) => services.AddRequestDecompression(options =>
    {
        options.DecompressionProviders.Clear();
        options.DecompressionProviders["gzip"] = new Decompression("gzip", body => new GZipStream(body, CompressionMode.Decompress, leaveOpen: true));
        options.DecompressionProviders["br"] = new Decompression("br", body => new BrotliStream(body, CompressionMode.Decompress, leaveOpen: true));
    });

    public static void UseRequestCompression(this WebApplication app)
    {
        app.Use(next => http =>
        {
            if (Normalize(http))
            {
                return next(http);
            }

            http.Response.Headers.AcceptEncoding = Accepted;
            return Problems.UnsupportedEncoding().ExecuteAsync(http);
        });
        app.UseRequestDecompression();
    }

    // The framework's middleware takes one encoding, and passes on without a word what it does not know.
    private static bool Normalize(HttpContext http)
    {
        var headers = http.Request.Headers;
        if (StringValues.IsNullOrEmpty(headers.ContentEncoding) || http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return true;
        }

        var encodings = headers.GetCommaSeparatedValues(HeaderNames.ContentEncoding)
            .Select(encoding => encoding.Trim().ToLowerInvariant())
            .Where(encoding => encoding is not ("" or "identity"))
            .Select(encoding => encoding == "x-gzip" ? "gzip" : encoding)
            .ToList();
        headers.ContentEncoding = encodings is [var only] ? only : StringValues.Empty;
        return encodings is [] or ["gzip" or "br"];
    }

    private sealed class Decompression(string encoding, Func<Stream, Stream> decompress) : IDecompressionProvider
    {
        public Stream GetDecompressionStream(Stream stream) => new DecompressedBody(encoding, decompress(stream));
    }

    /// <summary>Reads the decompressed body. What cannot be decompressed is the caller's mistake, and ends as a 400.</summary>
    private sealed class DecompressedBody(string encoding, Stream decompressed) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await decompressed.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
            {
                throw new InvalidEncodingException(encoding, exception);
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                decompressed.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}

/// <summary>The body is not what its <c>Content-Encoding</c> says.</summary>
internal sealed class InvalidEncodingException(string encoding, Exception cause)
    : BadHttpRequestException($"The body is not valid {encoding}, as its Content-Encoding says, or ends too early.", StatusCodes.Status400BadRequest, cause);
