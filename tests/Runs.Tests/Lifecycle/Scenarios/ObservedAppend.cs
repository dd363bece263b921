using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// Events that a caller appended, and the responses: several if it sent them again with the same cursor.
/// </summary>
internal sealed record ObservedAppend(IReadOnlyList<string> Events, IReadOnlyList<ApiResponse> Responses)
{
    private static readonly string[] RejectionDetails =
    [
        "External run event cursor mismatch",
        "Cannot append external events to a terminal run",
        "Cannot append external events while the run is waiting for a tool result",
    ];

    /// <summary>The latest event id that a response reports; null if every call was rejected.</summary>
    public long? LatestEventId => Acknowledged.Max(response => (long?)response.LatestEventId);

    private IEnumerable<AppendResponse> Acknowledged =>
        Responses.Where(response => response.Status == 200).Select(response => response.Read<AppendResponse>());

    /// <summary>
    /// Acknowledged events are in the log once, next to each other and in their order; rejected events are not.
    /// </summary>
    public void AssertMatchesLog(IReadOnlyList<RunEvent> log)
    {
        Assert.All(
            Responses.Where(response => response.Status == 400),
            response => Assert.Contains(response.Read<ApiProblem>(400).Detail, RejectionDetails));

        // The first event of a batch may have started the run; other events may then be between it and the rest.
        var hasStartedRun = log.Count > 0 && log[0].Event.Text == Events[0];
        var rest = Events.Skip(hasStartedRun ? 1 : 0).ToList();
        var appended = log.Where(logged => rest.Contains(logged.Event.Text)).ToList();
        if (LatestEventId is null)
        {
            Assert.Empty(appended);
            Assert.False(hasStartedRun && rest.Count == 0, "The event that started the run was rejected.");
            return;
        }

        Assert.Equal(rest, appended.Select(logged => logged.Event.Text));
        var isContiguous = appended.Count == 0 || appended[^1].EventId - appended[0].EventId == rest.Count - 1;
        Assert.True(isContiguous, "Other events are between those of one batch.");
        Assert.All(
            Acknowledged.Where(response => response.AppendedCount == Events.Count && rest.Count > 0),
            response => Assert.Equal(Events[^1], log[(int)response.LatestEventId - 1].Event.Text));
        Assert.Equal(Events.Count, Acknowledged.Sum(response => response.AppendedCount));
    }
}
