namespace Runs.Store;

/// <summary>Selects the events of a log that are read.</summary>
public enum EventVisibility
{
    /// <summary>Only events that are visible to readers.</summary>
    Public,

    /// <summary>All events.</summary>
    All,
}
