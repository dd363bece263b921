using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Runs.Store;

/// <summary>
/// Validates options by their data annotations. Unlike the framework's own validator, each error begins with the name
/// of the setting. The results of <see cref="IValidatableObject"/> name it themselves.
/// </summary>
/// <param name="section">The section that the options are bound to.</param>
internal sealed class AnnotationsValidator<TOptions>(string section) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var results = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(results.Select(Format));
    }

    private string Format(ValidationResult result) =>
        result.MemberNames.FirstOrDefault() is { } member ? $"{section}:{member}: {result.ErrorMessage}" : result.ErrorMessage!;
}
