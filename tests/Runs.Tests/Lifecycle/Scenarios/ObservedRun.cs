namespace Runs.Tests.Lifecycle;

/// <summary>A run in a reply or a read.</summary>
/// <param name="Run">The run.</param>
/// <param name="Json">All members of the run, to compare it with another observation.</param>
internal sealed record ObservedRun(ApiRun Run, string Json)
{
    /// <summary>Reads the body of a successful response.</summary>
    public static ObservedRun From(ApiResponse response) => new(response.Read<ApiRun>(response.Status), response.Body.GetRawText());
}
