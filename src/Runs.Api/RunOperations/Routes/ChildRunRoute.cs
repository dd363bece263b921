using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace Runs.Api.RunOperations;

/// <summary>The child run that a path identifies.</summary>
internal readonly record struct ChildRunRoute(
    [FromRoute(Name = "child_run_id")][property: Description("The child's id."), RunId] string ChildRunId)
{
    public RunRoute Route => new(ChildRunId);
}
