using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>The audit log of publishers. Messages without effect are logged up to a limit.</summary>
public sealed class PublisherAuditTests : IDisposable
{
    private static readonly Guid MessageId = new("5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10");

    private readonly AuditLogCapture _entries = new();
    private readonly ILoggerFactory _loggers;
    private readonly FakeTimeProvider _clock = new();
    private readonly PublisherAudit _audit;

    public PublisherAuditTests()
    {
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(_entries));
        _audit = new PublisherAudit(_loggers, _clock);
    }

    public void Dispose()
    {
        _loggers.Dispose();
        _entries.Dispose();
    }

    [Fact]
    public void A_flood_of_rejected_commands_is_aggregated_and_invalid_messages_are_still_logged()
    {
        for (var i = 0; i < 300; i++)
        {
            _audit.RecordRejection(Cancel("a-run"), Guid.Empty, RejectionCodes.RunNotFound);
        }

        _audit.RecordInvalidMessage("publisher", typeof(CancelRun), Cancel("another-run"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        _audit.RecordRejection(Cancel("last-run"), Guid.Empty, RejectionCodes.RunNotFound);

        Assert.Equal(10, _entries.Entries.Count(entry => entry["RunId"] == "a-run"));
        Assert.Equal(("publisher", "cancel", "dev"), _entries.Entries.Single(entry => entry["RunId"] == "another-run") is var rejected
            ? (rejected["User"], rejected["Action"], rejected["Tenant"])
            : default);
        Assert.Equal("290", _entries.Entries.Single(entry => entry["RunId"] == "last-run")["NotLogged"]);
    }

    [Fact]
    public void A_flood_of_invalid_messages_is_aggregated_and_rejected_commands_are_still_logged()
    {
        for (var i = 0; i < 300; i++)
        {
            _audit.RecordInvalidMessage("publisher", typeof(CancelRun), Cancel("a-run"));
        }

        _audit.RecordRejection(Cancel("another-run"), Guid.Empty, RejectionCodes.RunNotFound);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _audit.RecordInvalidMessage("publisher", typeof(CancelRun), Cancel("last-run"));

        Assert.Equal(10, _entries.Entries.Count(entry => entry["RunId"] == "a-run"));
        Assert.Single(_entries.Entries, entry => entry["RunId"] == "another-run");
        Assert.Equal("290", _entries.Entries.Single(entry => entry["RunId"] == "last-run")["NotLogged"]);
    }

    [Fact]
    public void Unvalidated_tenant_and_run_id_cannot_inject_log_lines()
    {
        _audit.RecordInvalidMessage(null, null, null);
        _audit.RecordInvalidMessage("publisher", typeof(CancelRun), new CancelRun { Tenant = "dev\ncrit: forged", RunId = "run\nforged" });
        _audit.RecordInvalidMessage("publisher", typeof(CancelRun), new CancelRun { Tenant = null!, RunId = null! });

        Assert.All(_entries.Entries, entry => Assert.Equal(("-", "-"), (entry["Tenant"], entry["RunId"])));
        Assert.Equal(3, _entries.Entries.Count);
    }

    [Fact]
    public void A_change_by_a_publisher_is_logged_with_its_actor()
    {
        var actor = new Actor { Type = ActorTypes.Worker, Id = "worker-1", KeyPrefix = "prefix" };
        var run = LifecycleData.StoredRun(RunStatuses.Running);
        run.Changes.Add(new RunChange(TestRuns.Noon, "create", null, RunChanges.ViaHttp, null, "pending", MessageId, null));
        run.Changes.Add(new RunChange(TestRuns.Noon, "start", actor, RunChanges.ViaBroker, "pending", "running", MessageId, "trace"));

        _audit.RecordChange(run);

        AssertEntry(
            Assert.Single(_entries.Entries),
            LogLevel.Information,
            ("ActorType", "worker"), ("ActorId", "worker-1"), ("KeyPrefix", "prefix"), ("Tenant", "acme"), ("Action", "start"),
            ("RunId", "run_1"), ("From", "pending"), ("To", "running"), ("TraceId", "trace"), ("MessageId", $"{MessageId}"));
    }

    [Fact]
    public void A_change_by_an_unknown_publisher_is_logged_with_placeholders()
    {
        var run = LifecycleData.StoredRun(RunStatuses.Pending);
        run.Changes.Add(new RunChange(TestRuns.Noon, "create", null, RunChanges.ViaBroker, null, "pending", MessageId, null));

        _audit.RecordChange(run);

        AssertEntry(
            Assert.Single(_entries.Entries),
            LogLevel.Information,
            ("ActorType", "unknown"), ("ActorId", "-"), ("KeyPrefix", "-"), ("From", "new"), ("TraceId", "-"));
    }

    [Theory]
    [InlineData(RunChanges.ViaHttp)]
    [InlineData(RunChanges.ViaSystem)]
    public void A_change_by_anybody_else_is_not_logged(string via)
    {
        var run = LifecycleData.StoredRun(RunStatuses.Pending);
        _audit.RecordChange(run);
        run.Changes.Add(new RunChange(TestRuns.Noon, "create", null, via, null, "pending", MessageId, null));

        _audit.RecordChange(run);

        Assert.Empty(_entries.Entries);
    }

    [Fact]
    public void A_rejection_is_logged_with_its_code()
    {
        var actor = new Actor { Type = ActorTypes.Worker, Id = "worker-1", KeyPrefix = "prefix" };

        _audit.RecordRejection(Cancel("run-1") with { Actor = actor, TraceId = "trace" }, MessageId, RejectionCodes.RunNotFound);
        _audit.RecordRejection(Cancel("run-2"), null, RejectionCodes.RunNotFound);

        AssertEntry(
            _entries.Entries[0],
            LogLevel.Information,
            ("ActorType", "worker"), ("ActorId", "worker-1"), ("KeyPrefix", "prefix"), ("Tenant", "dev"), ("Action", "cancel"),
            ("RunId", "run-1"), ("Code", "RUN_NOT_FOUND"), ("TraceId", "trace"), ("MessageId", $"{MessageId}"), ("NotLogged", "0"));
        AssertEntry(
            _entries.Entries[1],
            LogLevel.Information,
            ("ActorType", "unknown"), ("ActorId", "-"), ("KeyPrefix", "-"), ("TraceId", "-"), ("MessageId", "-"));
    }

    [Fact]
    public void Nothing_is_logged_below_the_level_of_the_category()
    {
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(_entries).SetMinimumLevel(LogLevel.Error));
        var audit = new PublisherAudit(loggers, _clock);
        var run = LifecycleData.StoredRun(RunStatuses.Pending);
        run.Changes.Add(new RunChange(TestRuns.Noon, "create", null, RunChanges.ViaBroker, null, "pending", MessageId, null));

        audit.RecordChange(run);
        audit.RecordRejection(Cancel("run-1"), null, RejectionCodes.RunNotFound);
        audit.RecordInvalidMessage(null, null, null);

        Assert.Empty(_entries.Entries);
    }

    private static void AssertEntry(AuditEntry entry, LogLevel level, params (string Name, string Value)[] members)
    {
        Assert.Equal(level, entry.Level);
        Assert.Equal(members, members.Select(member => (member.Name, entry[member.Name])));
    }

    private static CancelRun Cancel(string run) => new() { Tenant = "dev", RunId = run };
}
