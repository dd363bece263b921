using Runs.Contracts;

namespace Runs.Api.Events;

/// <summary>An event as a caller sent it: it has no id yet.</summary>
internal readonly record struct NewEvent(string Type, RawJson Event);
