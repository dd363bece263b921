namespace Runs.Api.OpenApi;

/// <summary>The documentation of an operation: texts and examples.</summary>
/// <param name="Summary">A title.</param>
/// <param name="Description">Paragraphs. Line breaks within a paragraph become spaces.</param>
/// <param name="SuccessDescription">The description of the success response.</param>
/// <param name="ResponseExample">An example of the success response: JSON, or the text of a stream.</param>
/// <param name="ProblemStatuses">
/// The problem statuses, except 401, 403 and 429, which every operation has, and 408, which every operation with a body
/// has.
/// </param>
internal sealed record OperationDescription(string Summary, string Description, string SuccessDescription, string ResponseExample, int[] ProblemStatuses)
{
    /// <summary>The type that describes the body, or null when no body is read.</summary>
    public Type? BodyType { get; init; }

    /// <summary>Examples of the body, by name.</summary>
    public IReadOnlyDictionary<string, string> BodyExamples { get; init; } = new Dictionary<string, string>();
}
