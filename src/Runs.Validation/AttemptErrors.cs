namespace Runs.Validation;

/// <summary>The texts of rejections that concern the attempts of a run. The saga and the API use the same.</summary>
internal static class AttemptErrors
{
    /// <summary>With the code <see cref="RejectionCodes.AttemptRequired"/>.</summary>
    public const string Required = "A worker holds the run with a fenced claim: name the attempt.";

    /// <summary>With the code <see cref="RejectionCodes.AttemptLost"/>.</summary>
    public static string DescribeLost(int lastAttempt) => $"The attempt is over. The last attempt of the run is {lastAttempt}.";
}
