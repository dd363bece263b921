using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace Runs.Api.Workers;

/// <summary>The worker that a path identifies.</summary>
internal readonly record struct WorkerRoute(
    [FromRoute(Name = "worker_id")][property: Description("The worker's id."), Uuid] string WorkerId)
{
    /// <summary>Gets the id. False when it is not a UUID: no worker can have it.</summary>
    public bool TryGetId(out Guid id)
    {
        id = FieldRules.IsUuid(WorkerId) ? Guid.Parse(WorkerId) : default;
        return id != default;
    }
}
