using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;
using Runs.Lifecycle;

namespace Runs.Tests.Lifecycle;

/// <summary>What publishers can do without effect is logged, but not without a bound.</summary>
public sealed class PublisherAuditTests : IDisposable
{
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

    private static CancelRun Cancel(string run) => new() { Tenant = "dev", RunId = run };
}
