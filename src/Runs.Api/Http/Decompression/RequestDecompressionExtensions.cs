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
                if (http.Request.Headers.ContentEncoding.Count > 0)
                {
                    MakeCancellable(http);
                }

                return next(http);
            }

            http.Response.Headers.AcceptEncoding = AcceptedEncodings;
            return Problems.UnsupportedContentEncoding().ExecuteAsync(http);
        });
        app.UseRequestDecompression();
    }

    private static void MakeCancellable(HttpContext http)
    {
        var body = new CompressedBodyStream(http.Request.BodyReader);
        http.Features.Set(body);
        http.Request.Body = body;
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
    private sealed class DecompressedStream(string encoding, Stream decompressed) : AsyncReadStream
    {
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
