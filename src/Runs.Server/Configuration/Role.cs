namespace Runs.Server.Configuration;

/// <summary>The parts that one process hosts.</summary>
internal enum Role
{
    /// <summary>All parts, in one process.</summary>
    All,

    /// <summary>The HTTP API only.</summary>
    Api,

    /// <summary>
    /// The saga, its outbox dispatcher and its scheduler only. HTTP serves only the health endpoints.
    /// </summary>
    Lifecycle,
}
