namespace Runs.Api.RateLimiting;

/// <summary>The limit that a request has reached.</summary>
internal enum LimitedBy
{
    /// <summary>None: permits are available.</summary>
    None,

    /// <summary>The tenant's share: 429.</summary>
    Tenant,

    /// <summary>The process: 503.</summary>
    Process,
}
