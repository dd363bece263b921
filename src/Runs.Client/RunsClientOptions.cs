namespace Runs.Client;

/// <summary>
/// Where the server is, and with which credential the client calls it. Bound to the configuration section
/// <c>RunsClient</c>; <c>RUNS_URL</c>, <c>RUNS_API_KEY</c> and <c>RUNS_PROJECT</c> set the same properties, and take
/// precedence over the section. Code takes precedence over both.
/// </summary>
public sealed class RunsClientOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "RunsClient";

    /// <summary>The address of the server, such as <c>https://runs.example.com</c>. Required.</summary>
    public Uri? Address { get; set; }

    /// <summary>The API key. Required, unless <see cref="Token"/> is set.</summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// Returns the credential of a request, such as a token that expires. Called before every attempt to send a
    /// request; takes precedence over <see cref="ApiKey"/>.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? Token { get; set; }

    /// <summary>
    /// The project of calls that name none: its UUID. Creates need it, unless the run names its owner.
    /// </summary>
    public string? Project { get; set; }
}
