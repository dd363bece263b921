using System.Net;

namespace Runs.Client;

/// <summary>
/// A call failed. <see cref="Exception.Message"/> is the server's description; decide by <see cref="Code"/>, not by the
/// text.
/// </summary>
public class RunsException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="detail">What went wrong, for people.</param>
    /// <param name="innerException">The cause, or null.</param>
    public RunsException(string detail, Exception? innerException = null)
        : base(detail, innerException)
    {
    }

    /// <summary>The status of the response; null when there was none.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>The problem's code, such as <c>RUN_NOT_ACTIVE</c>; null when the response had none.</summary>
    public string? Code { get; init; }

    /// <summary>The server's description. The same as <see cref="Exception.Message"/>.</summary>
    public string Detail => Message;

    /// <summary>The run that the call was about, or null.</summary>
    public string? RunId { get; init; }

    /// <summary>Whether the same call may succeed later.</summary>
    public virtual bool IsTransient => false;
}
