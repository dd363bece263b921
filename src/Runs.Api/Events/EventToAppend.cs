using Runs.Contracts;

namespace Runs.Api.Events;

/// <summary>An event as a caller sent it.</summary>
internal readonly record struct EventToAppend(string Type, RawJson Event);
