namespace Runs.Api.RunOperations;

/// <summary>The response to a resume.</summary>
/// <param name="Accepted">Always true: a rejection is a problem.</param>
/// <param name="Duplicate">True when the run already had this result.</param>
public sealed record ResumeRunResponse(bool Accepted, bool Duplicate);
