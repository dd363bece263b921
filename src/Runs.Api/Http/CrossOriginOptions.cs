using System.ComponentModel.DataAnnotations;

namespace Runs.Api.Http;

/// <summary>Settings of section <c>Cors</c>: the origins whose scripts may call the API from a browser.</summary>
internal sealed class CrossOriginOptions : IValidatableObject
{
    public const string Section = "Cors";

    /// <summary>Origins such as <c>https://console.example.com</c>, or <c>*</c> for any. None by default.</summary>
    public IList<string> AllowedOrigins { get; init; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => AllowedOrigins
        .Where(origin => origin != "*" && !IsOrigin(origin))
        .Select(origin => new ValidationResult(
            $"{Section}:{nameof(AllowedOrigins)}: \"{origin}\" is not an origin, such as https://console.example.com."));

    // Browsers compare origins as text, so the setting must be spelled exactly as the browser sends it.
    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && uri.GetLeftPart(UriPartial.Authority) == text
        && uri.UserInfo.Length == 0;
}
