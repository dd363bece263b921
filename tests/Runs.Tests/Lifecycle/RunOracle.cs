using System.Collections.Concurrent;
using System.Text.Json;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// Remembers what callers were told of one run, and compares: with what they were told before, with what is read, and with what is stored. It knows what may follow
/// what, and nothing of how the service decides.
/// </summary>
internal sealed class RunOracle(RunsApplication application, Guid conversation, RunOracle? parent)
{
    private readonly ConcurrentQueue<JsonElement> _unverifiedReplies = new();
    private readonly ConcurrentQueue<ObservedAppend> _appends = new();
    private readonly ConcurrentDictionary<object, bool> _reportedCreators = new();
    private readonly ConcurrentDictionary<object, bool> _reportedFinishers = new();
    private JsonElement? _lastRead;
    private IReadOnlyList<RunEvent> _log = [];

    public string Id { get; } = TestRequests.NewId();

    public RunOracle? Parent => parent;

    /// <summary>Whether somebody was told that the run exists.</summary>
    public bool Exists => _lastRead is not null || !_unverifiedReplies.IsEmpty;

    public bool HasFinished => _lastRead is { } run && RunStatuses.IsTerminal(GetString(run, "status")!);

    /// <summary>Whether it was seen active, and a run above it cancelled: no run stays so.</summary>
    public bool IsActiveBelowACancelledRun => _lastRead is not null && !HasFinished && HasCancelledAncestor;

    private bool HasCancelledAncestor => parent is not null && (parent.IsCancelled || parent.HasCancelledAncestor);

    private bool IsCancelled => _lastRead is { } run && GetString(run, "status") == RunStatuses.Cancelled;

    /// <summary>Whether it should have ended by itself.</summary>
    public bool IsOverdue { get; private set; }

    /// <summary>Whether a cancel may have come that nobody could answer.</summary>
    public bool MayBePendingCancellation { get; set; }

    /// <summary>Whether a create may have come that nobody waits for.</summary>
    public bool MayExist { get; set; }

    /// <summary>Where the log ends as far as it was seen.</summary>
    public (long EventId, long Sequence) Cursor => (_log.Count, _log.LastOrDefault(logged => logged.ExternalSequence is not null)?.ExternalSequence ?? 0);

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

    /// <summary>A batch was sent once, or more often with the same cursor.</summary>
    public void RecordAppend(IReadOnlyList<string> events, IReadOnlyList<ApiResponse> answers) => _appends.Enqueue(new ObservedAppend(events, answers));

    /// <summary>Reads the run in every way there is, and checks what follows from what.</summary>
    public async Task Verify()
    {
        var told = new List<JsonElement?>();
        while (_unverifiedReplies.TryDequeue(out var run))
        {
            told.Add(run);
        }

        var read = await application.Client.Get($"/runs/{Id}");
        if (read.Status == 404)
        {
            Assert.True(_lastRead is null && told.Count == 0 && _appends.All(append => append.LatestEventId is null), "An acknowledged run is gone.");
            await VerifyAbsent();
            return;
        }

        Assert.All(told, run => AssertIsSuccessor(_lastRead, run!.Value));
        Assert.All([.. told, _lastRead], run => AssertIsSuccessor(run, read.Body));
        _lastRead = read.Body;

        var view = await application.Client.Get($"/conversations/{conversation}/runs/{Id}");
        var (stored, log) = (await application.ReadVerifiedLog(Id))!.Value;
        Assert.InRange(view["latest_event_id"].GetInt64(), _appends.Max(append => append.LatestEventId) ?? 0, stored.LatestEventId);
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
            _ => MayExist, // it came between the two reads
        };
        Assert.True(isHidden, "There is a run that nobody asked for.");
    }

    private async Task<IEnumerable<long>> ListEventIds() =>
        (await application.Client.Get($"/runs/{Id}/events?limit=500"))["data"].EnumerateArray().Select(logged => logged.GetProperty("event_id").GetInt64());

    private void AssertIsSuccessor(JsonElement? before, JsonElement run)
    {
        Assert.Equal(Id, GetString(run, "run_id"));
        Assert.Equal(parent?.Id, GetString(run, "parent_run_id"));
        Assert.Equal(RootId, GetString(run, "root_run_id"));
        var times = GetTimestamps(run).OfType<string>().ToList();
        Assert.Equal(times.Order(StringComparer.Ordinal), times);
        if (before is not { } earlier)
        {
            return;
        }

        var (was, now) = (GetString(earlier, "status")!, GetString(run, "status")!);
        Assert.True(StatusRank(was) <= StatusRank(now), $"{was} -> {now}");
        if (RunStatuses.IsTerminal(was))
        {
            Assert.Equal(earlier.GetRawText(), run.GetRawText());
        }

        Assert.True(string.CompareOrdinal(GetString(earlier, "updated_at"), GetString(run, "updated_at")) <= 0, "updated_at goes back.");
        Assert.All(GetTimestamps(earlier).Zip(GetTimestamps(run)).Take(3), pair => Assert.True(pair.First is null || pair.First == pair.Second, "A time was set anew."));
    }

    private void AssertMatchesStored(Run stored)
    {
        Assert.True(_reportedCreators.Count <= stored.AcceptedRequests.Count, "More callers were told that they made the run than did.");
        Assert.All(_reportedCreators.Keys.OfType<Guid>(), maker => Assert.Contains(stored.AcceptedRequests, accepted => accepted.MessageId == maker));
        Assert.True(_reportedFinishers.Count <= (RunStatuses.IsTerminal(stored.Status) ? 1 : 0), "More callers were told that they ended the run than did.");
        Assert.All(_reportedFinishers.Keys.OfType<Guid>(), ender => Assert.Equal(ender, stored.FinishedByMessageId));
        Assert.Equal(stored.Status == RunStatuses.Waiting, stored.WaitingReason is not null);
        Assert.Equal(RunStatuses.IsTerminal(stored.Status), stored.CompletedAt is not null);
        Assert.True(stored.InputRequests.Count(form => form.Status == InputRequestStatuses.Open) <= (stored.Status == RunStatuses.Waiting ? 1 : 0));
    }

    // From one look to the next a run may have gone any number of steps: on from pending, to and fro between running and waiting, and to one end.
    private static int StatusRank(string status) => status switch
    {
        RunStatuses.Pending => 0,
        RunStatuses.Running or RunStatuses.Waiting => 1,
        _ => 2,
    };

    private static string?[] GetTimestamps(JsonElement run) => [GetString(run, "created_at"), GetString(run, "started_at"), GetString(run, "completed_at"), GetString(run, "updated_at")];

    private static string? GetString(JsonElement run, string member) => run.GetProperty(member).GetString();
}
