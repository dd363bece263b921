using System.Collections.Concurrent;
using System.Text.Json;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// Remembers what callers were told of one run, and compares: with what they were told before, with what is read, and with what is stored. It knows what may follow
/// what, and nothing of how the service decides.
/// </summary>
internal sealed class RunWitness(Stack stack, Guid conversation, RunWitness? parent)
{
    private readonly ConcurrentQueue<JsonElement> _told = new();
    private readonly ConcurrentQueue<Append> _appends = new();
    private readonly ConcurrentDictionary<object, bool> _makers = new();
    private readonly ConcurrentDictionary<object, bool> _enders = new();
    private JsonElement? _seen;
    private IReadOnlyList<RunEvent> _log = [];

    public string Id { get; } = Calls.NewId();

    public RunWitness? Parent => parent;

    /// <summary>Whether somebody was told that the run exists.</summary>
    public bool Exists => _seen is not null || !_told.IsEmpty;

    public bool HasEnded => _seen is { } run && RunStatuses.IsTerminal(Text(run, "status")!);

    /// <summary>Whether it was seen active, and a run above it cancelled: no run stays so.</summary>
    public bool IsActiveBelowACancelledRun => _seen is not null && !HasEnded && HasCancelledAncestor;

    private bool HasCancelledAncestor => parent is not null && (parent.IsCancelled || parent.HasCancelledAncestor);

    private bool IsCancelled => _seen is { } run && Text(run, "status") == RunStatuses.Cancelled;

    /// <summary>Whether it should have ended by itself.</summary>
    public bool IsOverdue { get; private set; }

    /// <summary>Whether a cancel may have come that nobody could answer.</summary>
    public bool MayBeCalledOff { get; set; }

    /// <summary>Whether a create may have come that nobody waits for.</summary>
    public bool MayExist { get; set; }

    /// <summary>Where the log ends as far as it was seen.</summary>
    public (long EventId, long Sequence) Cursor => (_log.Count, _log.LastOrDefault(logged => logged.ExternalSequence is not null)?.ExternalSequence ?? 0);

    private string RootId => parent?.RootId ?? Id;

    public void Told(Reply reply, bool made = false)
    {
        if (reply.Run is { } run)
        {
            _told.Enqueue(run);
        }

        if (made)
        {
            _makers[reply.By] = true;
        }
    }

    public void ToldThatItEnded(Reply reply) => _enders[reply.By] = true;

    /// <summary>A batch was sent once, or more often with the same cursor.</summary>
    public void ToldOfAppend(IReadOnlyList<string> events, IReadOnlyList<Answer> answers) => _appends.Enqueue(new Append(events, answers));

    /// <summary>Reads the run in every way there is, and checks what follows from what.</summary>
    public async Task Look()
    {
        var told = new List<JsonElement?>();
        while (_told.TryDequeue(out var run))
        {
            told.Add(run);
        }

        var read = await stack.Client.Read($"/runs/{Id}");
        if (read.Status == 404)
        {
            Assert.True(_seen is null && told.Count == 0 && _appends.All(append => append.Latest is null), "An acknowledged run is gone.");
            await LookAtWhatIsHidden();
            return;
        }

        Assert.All(told, run => AssertFollows(_seen, run!.Value));
        Assert.All([.. told, _seen], run => AssertFollows(run, read.Body));
        _seen = read.Body;

        var view = await stack.Client.Read($"/conversations/{conversation}/runs/{Id}");
        var (stored, log) = (await stack.LogOf(Id))!.Value;
        Assert.InRange(view["latest_event_id"].GetInt64(), _appends.Max(append => append.Latest) ?? 0, stored.LatestEventId);
        Assert.Equal(_log, log.Take(_log.Count));
        var shown = log.Where(logged => logged.Public).Select(logged => logged.EventId).ToList();
        Assert.Equal(shown, (await Listed()).Take(shown.Count));
        _log = log;
        Assert.All(_appends, append => append.AssertTruth(log));
        AssertTruth(stored);
        IsOverdue = stored.DueAt < TimeProvider.System.GetUtcNow();
    }

    private async Task LookAtWhatIsHidden()
    {
        var isHidden = await stack.LogOf(Id) switch
        {
            null => true,
            ({ Status: Run.CalledOff, Outbox.Count: 0 }, _) => MayBeCalledOff,
            _ => MayExist, // it came between the two reads
        };
        Assert.True(isHidden, "There is a run that nobody asked for.");
    }

    private async Task<IEnumerable<long>> Listed() =>
        (await stack.Client.Read($"/runs/{Id}/events?limit=500"))["data"].EnumerateArray().Select(logged => logged.GetProperty("event_id").GetInt64());

    private void AssertFollows(JsonElement? before, JsonElement run)
    {
        Assert.Equal(Id, Text(run, "run_id"));
        Assert.Equal(parent?.Id, Text(run, "parent_run_id"));
        Assert.Equal(RootId, Text(run, "root_run_id"));
        var times = Times(run).OfType<string>().ToList();
        Assert.Equal(times.Order(StringComparer.Ordinal), times);
        if (before is not { } earlier)
        {
            return;
        }

        var (was, now) = (Text(earlier, "status")!, Text(run, "status")!);
        Assert.True(Rank(was) <= Rank(now), $"{was} -> {now}");
        if (RunStatuses.IsTerminal(was))
        {
            Assert.Equal(earlier.GetRawText(), run.GetRawText());
        }

        Assert.True(string.CompareOrdinal(Text(earlier, "updated_at"), Text(run, "updated_at")) <= 0, "updated_at goes back.");
        Assert.All(Times(earlier).Zip(Times(run)).Take(3), pair => Assert.True(pair.First is null || pair.First == pair.Second, "A time was set anew."));
    }

    private void AssertTruth(Run stored)
    {
        Assert.True(_makers.Count <= stored.AcceptedRequests.Count, "More callers were told that they made the run than did.");
        Assert.All(_makers.Keys.OfType<Guid>(), maker => Assert.Contains(stored.AcceptedRequests, accepted => accepted.MessageId == maker));
        Assert.True(_enders.Count <= (RunStatuses.IsTerminal(stored.Status) ? 1 : 0), "More callers were told that they ended the run than did.");
        Assert.All(_enders.Keys.OfType<Guid>(), ender => Assert.Equal(ender, stored.FinishedBy));
        Assert.Equal(stored.Status == RunStatuses.Waiting, stored.WaitingReason is not null);
        Assert.Equal(RunStatuses.IsTerminal(stored.Status), stored.CompletedAt is not null);
        Assert.True(stored.InputRequests.Count(form => form.Status == InputRequestStatuses.Open) <= (stored.Status == RunStatuses.Waiting ? 1 : 0));
    }

    // From one look to the next a run may have gone any number of steps: on from pending, to and fro between running and waiting, and to one end.
    private static int Rank(string status) => status switch
    {
        RunStatuses.Pending => 0,
        RunStatuses.Running or RunStatuses.Waiting => 1,
        _ => 2,
    };

    private static string?[] Times(JsonElement run) => [Text(run, "created_at"), Text(run, "started_at"), Text(run, "completed_at"), Text(run, "updated_at")];

    private static string? Text(JsonElement run, string member) => run.GetProperty(member).GetString();
}
