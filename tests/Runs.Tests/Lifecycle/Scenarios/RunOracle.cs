using System.Collections.Concurrent;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// Records the replies about one run and compares them with earlier replies, with reads and with the stored run. It
/// knows which state may follow which, and nothing about how the service decides.
/// </summary>
internal sealed class RunOracle(RunsApplication application, Guid conversation, RunOracle? parent)
{
    private readonly ConcurrentQueue<ObservedRun> _unverifiedReplies = new();
    private readonly ConcurrentQueue<ObservedAppend> _appends = new();
    private readonly ConcurrentDictionary<object, bool> _reportedCreators = new();
    private readonly ConcurrentDictionary<object, bool> _reportedFinishers = new();
    private ObservedRun? _lastRead;
    private IReadOnlyList<RunEvent> _log = [];

    public string Id { get; } = TestRequests.NewId();

    public RunOracle? Parent => parent;

    /// <summary>Whether a reply or a read has shown that the run exists.</summary>
    public bool Exists => _lastRead is not null || !_unverifiedReplies.IsEmpty;

    public bool HasFinished => _lastRead is { } read && RunStatuses.IsTerminal(read.Run.Status);

    /// <summary>
    /// Whether the run was last read as active although a run above it is cancelled. No run stays active then.
    /// </summary>
    public bool IsActiveBelowACancelledRun => _lastRead is not null && !HasFinished && HasCancelledAncestor;

    private bool HasCancelledAncestor => parent is not null && (parent.IsCancelled || parent.HasCancelledAncestor);

    private bool IsCancelled => _lastRead?.Run.Status == RunStatuses.Cancelled;

    /// <summary>Whether the due time of the run has passed.</summary>
    public bool IsOverdue { get; private set; }

    /// <summary>Whether a cancel without a response address was sent.</summary>
    public bool MayBePendingCancellation { get; set; }

    /// <summary>Whether a create without a response address was sent.</summary>
    public bool MayExist { get; set; }

    /// <summary>The end of the log as it was last read.</summary>
    public (long EventId, long Sequence) Cursor =>
        (_log.Count, _log.LastOrDefault(logged => logged.ExternalSequence is not null)?.ExternalSequence ?? 0);

    private string RootId => parent?.RootId ?? Id;

    public void RecordReply(ObservedReply reply, bool reportsCreation = false)
    {
        if (reply.Run is { } run)
        {
            _unverifiedReplies.Enqueue(run);
        }

        if (reportsCreation)
        {
            _reportedCreators[reply.RequestId] = true;
        }
    }

    public void RecordFinishReply(ObservedReply reply) => _reportedFinishers[reply.RequestId] = true;

    /// <summary>Records a batch that was sent once, or several times with the same cursor.</summary>
    public void RecordAppend(IReadOnlyList<string> events, IReadOnlyList<ApiResponse> responses) =>
        _appends.Enqueue(new ObservedAppend(events, responses));

    /// <summary>
    /// Reads the run over every endpoint and from the store, and verifies that the reads are consistent.
    /// </summary>
    public async Task Verify()
    {
        var replies = new List<ObservedRun>();
        while (_unverifiedReplies.TryDequeue(out var run))
        {
            replies.Add(run);
        }

        var read = await application.Client.Get($"/runs/{Id}");
        if (read.Status == 404)
        {
            var isAcknowledged = _lastRead is not null || replies.Count > 0 || _appends.Any(append => append.LatestEventId is not null);
            Assert.False(isAcknowledged, "An acknowledged run is gone.");
            await VerifyAbsent();
            return;
        }

        var current = ObservedRun.From(read);
        Assert.All(replies, reply => AssertIsSuccessor(_lastRead, reply));
        Assert.All([.. replies, _lastRead], earlier => AssertIsSuccessor(earlier, current));
        _lastRead = current;

        var view = await application.Client.GetConversationRun(Id, conversation.ToString());
        var (stored, log) = (await application.ReadVerifiedLog(Id))!.Value;
        Assert.InRange(view.LatestEventId, _appends.Max(append => append.LatestEventId) ?? 0, stored.LatestEventId);
        Assert.Equal(_log, log.Take(_log.Count));
        var shown = log.Where(logged => logged.Public).Select(logged => logged.EventId).ToList();
        Assert.Equal(shown, (await ListEventIds()).Take(shown.Count));
        _log = log;
        Assert.All(_appends, append => append.AssertMatchesLog(log));
        AssertMatchesStored(stored);
        IsOverdue = stored.DueAt < TimeProvider.System.GetUtcNow();
    }

    private async Task VerifyAbsent()
    {
        var isHidden = await application.ReadVerifiedLog(Id) switch
        {
            null => true,
            ({ Status: Run.CancellationPending, Outbox.Count: 0 }, _) => MayBePendingCancellation,
            _ => MayExist, // it was created between the two reads
        };
        Assert.True(isHidden, "The store has a run that was never created.");
    }

    private async Task<IEnumerable<long>> ListEventIds() =>
        (await application.Client.ListEvents(Id, "?limit=500")).Data.Select(logged => logged.EventId);

    private void AssertIsSuccessor(ObservedRun? before, ObservedRun after)
    {
        var run = after.Run;
        Assert.Equal(Id, run.RunId);
        Assert.Equal(parent?.Id, run.ParentRunId);
        Assert.Equal(RootId, run.RootRunId);
        var times = GetTimestamps(run).OfType<string>().ToList();
        Assert.Equal(times.Order(StringComparer.Ordinal), times);
        if (before is not var (earlier, earlierJson))
        {
            return;
        }

        var (from, to) = (earlier.Status, run.Status);
        Assert.True(GetStatusRank(from) <= GetStatusRank(to), $"{from} -> {to}");
        if (RunStatuses.IsTerminal(from))
        {
            Assert.Equal(earlierJson, after.Json);
        }

        Assert.True(string.CompareOrdinal(earlier.UpdatedAt, run.UpdatedAt) <= 0, "updated_at went back.");
        Assert.All(
            GetTimestamps(earlier).Zip(GetTimestamps(run)).Take(3),
            pair => Assert.True(pair.First is null || pair.First == pair.Second, "A timestamp was set again."));
    }

    private void AssertMatchesStored(Run stored)
    {
        Assert.True(_reportedCreators.Count <= stored.AcceptedRequests.Count, "Too many replies report that they created the run.");
        Assert.All(
            _reportedCreators.Keys.OfType<Guid>(),
            messageId => Assert.Contains(stored.AcceptedRequests, accepted => accepted.MessageId == messageId));
        var finisherCount = RunStatuses.IsTerminal(stored.Status) ? 1 : 0;
        Assert.True(_reportedFinishers.Count <= finisherCount, "Too many replies report that they ended the run.");
        Assert.All(_reportedFinishers.Keys.OfType<Guid>(), messageId => Assert.Equal(messageId, stored.FinishedByMessageId));
        Assert.Equal(stored.Status == RunStatuses.Waiting, stored.WaitingReason is not null);
        Assert.Equal(RunStatuses.IsTerminal(stored.Status), stored.CompletedAt is not null);
        var openForms = stored.InputRequests.Count(form => form.Status == InputRequestStatuses.Open);
        Assert.InRange(openForms, 0, stored.Status == RunStatuses.Waiting ? 1 : 0);
    }

    // Between two reads, a run may have made several transitions: from pending, between running and waiting, and to one
    // terminal status.
    private static int GetStatusRank(string status) => status switch
    {
        RunStatuses.Pending => 0,
        RunStatuses.Running or RunStatuses.Waiting => 1,
        _ => 2,
    };

    private static string?[] GetTimestamps(ApiRun run) => [run.CreatedAt, run.StartedAt, run.CompletedAt, run.UpdatedAt];
}
