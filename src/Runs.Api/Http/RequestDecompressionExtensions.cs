using System.IO.Compression;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.RequestDecompression;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Runs.Api.Http;

/// <summary>
/// Accepts request bodies with <c>Content-Encoding: gzip</c> or <c>br</c> (RFC 9110 8.4). The body size limit applies
/// after decompression. Other encodings get 415 with <c>Accept-Encoding</c>.
/// </summary>
internal static class RequestDecompressionExtensions
{
    /// <summary>The supported encodings.</summary>
    public const string AcceptedEncodings = "gzip, br";

    public static void AddRunsRequestDecompression(this IServiceCollection services) => services.AddRequestDecompression(options =>
    {
        options.DecompressionProviders.Clear();
        options.DecompressionProviders["gzip"] = new DecompressionProvider(
            "gzip", body => new GZipStream(body, CompressionMode.Decompress, leaveOpen: true));
        options.DecompressionProviders["br"] = new DecompressionProvider(
            "br", body => new BrotliStream(body, CompressionMode.Decompress, leaveOpen: true));
    });

    public static void UseRunsRequestDecompression(this WebApplication app)
    {
        app.Use(next => http =>
        {
            if (TryNormalizeContentEncoding(http))
            {
                return next(http);
            }

            http.Response.Headers.AcceptEncoding = AcceptedEncodings;
            return Problems.UnsupportedContentEncoding().ExecuteAsync(http);
        });
        app.UseRequestDecompression();
    }

    // The framework's middleware supports a single encoding, and passes an unknown one to the endpoint without an
    // error.
    private static bool TryNormalizeContentEncoding(HttpContext http)
    {
        var headers = http.Request.Headers;
        if (StringValues.IsNullOrEmpty(headers.ContentEncoding)
            || http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
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

    private sealed class DecompressionProvider(string encoding, Func<Stream, Stream> decompress) : IDecompressionProvider
    {
        public Stream GetDecompressionStream(Stream stream) => new DecompressedStream(encoding, decompress(stream));
    }

    /// <summary>
    /// Reads the decompressed body. Data that cannot be decompressed is a client error, and results in a 400.
    /// </summary>
    private sealed class DecompressedStream(string encoding, Stream decompressed) : Stream
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
                throw new InvalidContentEncodingException(encoding, exception);
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
