namespace Runs.Lifecycle;

/// <summary>Marks a received command that the API did not send, regardless of its queue.</summary>
internal sealed class PublisherCommandMarker;
