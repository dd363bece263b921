namespace Runs.Tests.Contracts;

internal static class ResultExtensions
{
    /// <summary>The validation errors that a parser found; empty when it returned a value.</summary>
    public static IReadOnlyList<ValidationErrorResource> GetErrors<T>(this Result<T> result)
        where T : notnull =>
        result.IsSuccess ? [] : (ValidationErrorResource[])result.Problem.ProblemDetails.Extensions["errors"]!;
}
