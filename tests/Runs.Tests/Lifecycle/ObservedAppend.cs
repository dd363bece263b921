using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>Events that a caller appended, and the answers: several where it sent the same ones again with the same cursor.</summary>
internal sealed record ObservedAppend(IReadOnlyList<string> Events, IReadOnlyList<ApiResponse> Answers)
{
    private static readonly string[] RejectionDetails =
    [
        "External run event cursor mismatch",
        "Cannot append external events to a terminal run",
        "Cannot append external events while the run is waiting for a tool result",
    ];

    /// <summary>Where the caller was told that the log ends; null when every call was refused.</summary>
    public long? LatestEventId => Answers.Where(answer => answer.Status == 200).Max(answer => (long?)answer["latest_event_id"].GetInt64());

    /// <summary>What was acknowledged is in the log once, side by side in its order; what was refused is not.</summary>
    public void AssertMatchesLog(IReadOnlyList<RunEvent> log)
    {
        Assert.All(Answers.Where(answer => answer.Status == 400), answer => Assert.Contains(answer["detail"].GetString(), RejectionDetails));

        // The start that a batch begins with may have begun the run; then others may have come between it and the rest.
        var begins = log.Count > 0 && log[0].Event.Text == Events[0];
        var rest = Events.Skip(begins ? 1 : 0).ToList();
        var places = log.Where(logged => rest.Contains(logged.Event.Text)).ToList();
        if (LatestEventId is null)
        {
            Assert.Empty(places);
            Assert.False(begins && rest.Count == 0, "What began the run was refused.");
            return;
        }

        Assert.Equal(rest, places.Select(logged => logged.Event.Text));
        Assert.True(places.Count == 0 || places[^1].EventId - places[0].EventId == rest.Count - 1, "Events of others stand between those of one batch.");
        Assert.All(
            Answers.Where(answer => answer.Status == 200 && answer["appended_count"].GetInt32() == Events.Count && rest.Count > 0),
            answer => Assert.Equal(Events[^1], log[(int)answer["latest_event_id"].GetInt64() - 1].Event.Text));
        Assert.Equal(Events.Count, Answers.Where(answer => answer.Status == 200).Sum(answer => answer["appended_count"].GetInt32()));
    }
}
