using Runs.Store;

namespace Runs.Lifecycle;

/// <summary>
/// A run has a state that this release does not know: a later release has stored it. A process of that release can
/// handle the message; this one changes nothing.
/// </summary>
internal sealed class UnknownRunStateException(Run run) : Exception(
    $"Run {run.RunId} of tenant {run.Tenant} has the state '{run.Phase ?? run.Status}', which this release does not know. "
    + "A later release has stored it. Send the message again when all processes have that release.");
