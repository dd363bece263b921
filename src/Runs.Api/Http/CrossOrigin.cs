using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Runs.Store;

namespace Runs.Api.Http;

/// <summary>Settings of section <c>Cors</c>: which pages' scripts may call the API from a browser.</summary>
internal sealed class CrossOriginOptions : IValidatableObject
{
    public const string Section = "Cors";

    /// <summary>Origins such as <c>https://console.example.com</c>, or <c>*</c> for any. None by default.</summary>
    public IList<string> Origins { get; init; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Origins
        .Where(origin => origin != "*" && !IsOrigin(origin))
        .Select(origin => new ValidationResult($"{Section}:{nameof(Origins)}: \"{origin}\" is not an origin, such as https://console.example.com."));

    // A browser compares the text that it sends.
    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == text && uri.UserInfo.Length == 0;
}

/// <summary>
/// Cross-origin requests (https://fetch.spec.whatwg.org/#http-cors-protocol). Credentials are headers that the page's script sets; cookies and
/// browser-kept credentials are not allowed.
/// </summary>
internal static class CrossOrigin
{
    private static readonly TimeSpan PreflightMaxAge = TimeSpan.FromMinutes(10);

    private static readonly string[] ExposedHeaders =
        [HeaderNames.Location, HeaderNames.ETag, HeaderNames.RetryAfter, "Server-Timing", "RateLimit", "RateLimit-Policy"];

    public static void AddCrossOrigin(this IServiceCollection services)
    {
        services.AddValidatedOptions<CrossOriginOptions>(CrossOriginOptions.Section);
        services.AddCors();
    }

    public static void UseCrossOrigin(this WebApplication app)
    {
        var origins = app.Services.GetRequiredService<IOptions<CrossOriginOptions>>().Value.Origins;
        if (origins.Count > 0)
        {
            app.UseCors(policy => policy.WithOrigins([.. origins]).AllowAnyMethod().AllowAnyHeader().WithExposedHeaders(ExposedHeaders).SetPreflightMaxAge(PreflightMaxAge));
        }
    }
}
