namespace Runs.Api;

/// <summary>What an operation is for, in words and examples.</summary>
/// <param name="Summary">A title.</param>
/// <param name="Description">Paragraphs; within them line breaks are blanks.</param>
/// <param name="Success">What the answer says that is no problem.</param>
/// <param name="Example">That answer: JSON, or the text of a stream.</param>
/// <param name="Problems">The other statuses, but for 401 and 403, which every operation has.</param>
internal sealed record OpenApiOperationWords(string Summary, string Description, string Success, string Example, int[] Problems)
{
    /// <summary>What describes the body, or null where none is read.</summary>
    public Type? Body { get; init; }

    /// <summary>Bodies as they look.</summary>
    public IReadOnlyDictionary<string, string> Bodies { get; init; } = new Dictionary<string, string>();
}
