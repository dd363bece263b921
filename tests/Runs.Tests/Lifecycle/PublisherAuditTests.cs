using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;
using Runs.Lifecycle;

namespace Runs.Tests.Lifecycle;

/// <summary>What publishers can do without effect is logged, but not without a bound.</summary>
public sealed class PublisherAuditTests : IDisposable
{
    private readonly AuditEntries _entries = new();
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
    public void A_flood_of_refused_commands_is_counted_and_hides_no_rejection()
    {
        for (var i = 0; i < 300; i++)
        {
            _audit.LogRefused(Cancel("a-run"), Guid.Empty, RefusalCodes.RunNotFound);
        }

        _audit.LogRejected("publisher", typeof(CancelRun), Cancel("another-run"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        _audit.LogRefused(Cancel("last-run"), Guid.Empty, RefusalCodes.RunNotFound);

        Assert.Equal(10, _entries.All.Count(entry => entry["RunId"] == "a-run"));
        Assert.Equal(("publisher", "cancel", "dev"), _entries.All.Single(entry => entry["RunId"] == "another-run") is var rejected
            ? (rejected["User"], rejected["Action"], rejected["Tenant"])
            : default);
        Assert.Equal("290", _entries.All.Single(entry => entry["RunId"] == "last-run")["NotLogged"]);
    }

    [Fact]
    public void A_flood_of_rejected_messages_is_counted_and_hides_no_refusal()
    {
        for (var i = 0; i < 300; i++)
        {
            _audit.LogRejected("publisher", typeof(CancelRun), Cancel("a-run"));
        }

        _audit.LogRefused(Cancel("another-run"), Guid.Empty, RefusalCodes.RunNotFound);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _audit.LogRejected("publisher", typeof(CancelRun), Cancel("last-run"));

        Assert.Equal(10, _entries.All.Count(entry => entry["RunId"] == "a-run"));
        Assert.Single(_entries.All, entry => entry["RunId"] == "another-run");
        Assert.Equal("290", _entries.All.Single(entry => entry["RunId"] == "last-run")["NotLogged"]);
    }

    [Fact]
    public void Unvalidated_tenant_and_run_id_cannot_forge_a_log_line()
    {
        _audit.LogRejected(null, null, null);
        _audit.LogRejected("publisher", typeof(CancelRun), new CancelRun { Tenant = "dev\ncrit: forged", RunId = "run\nforged" });
        _audit.LogRejected("publisher", typeof(CancelRun), new CancelRun { Tenant = null!, RunId = null! });

        Assert.All(_entries.All, entry => Assert.Equal(("-", "-"), (entry["Tenant"], entry["RunId"])));
        Assert.Equal(3, _entries.All.Count);
    }

    private static CancelRun Cancel(string run) => new() { Tenant = "dev", RunId = run };
}
