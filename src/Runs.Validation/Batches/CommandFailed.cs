using System.Text.Json.Serialization;

namespace Runs.Validation;

/// <summary>
/// The reply of a batch to a command whose handling failed. The service's log has the cause. It is not known whether
/// the command was executed.
/// </summary>
internal sealed record CommandFailed([property: JsonPropertyName("detail")] string Detail);
