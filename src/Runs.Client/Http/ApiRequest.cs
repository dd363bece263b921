namespace Runs.Client.Http;

/// <summary>One call of the API.</summary>
internal sealed record ApiRequest(HttpMethod Method, string Path)
{
    /// <summary>The body, which is sent as JSON; null for none.</summary>
    public object? Body { get; init; }

    /// <summary>The run that the call is about, for exceptions.</summary>
    public string? RunId { get; init; }

    /// <summary>The time that the server may hold the response; null if it answers at once.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>
    /// Whether a repeat has no further effect. Any other call is retried only when the server says that it did nothing.
    /// </summary>
    public bool IsIdempotent { get; init; } = true;

    /// <summary>The credential of this call, instead of the client's.</summary>
    public string? Token { get; init; }

    /// <summary>The named client that sends it.</summary>
    public string Client
    {
        get => field ?? (Wait is null ? ApiClients.Calls : ApiClients.Polls);
        init;
    }
}
