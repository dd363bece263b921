using MassTransit;
using Microsoft.Extensions.Logging;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Store;
using Runs.Tests.Batches;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// What the saga repository logs: transitions, and in the audit log what publishers changed and what was rejected.
/// </summary>
public sealed class RunSagaLogTests : IAsyncLifetime
{
    private LifecycleHarness _harness = null!;

    public async Task InitializeAsync() => _harness = await LifecycleHarness.Start();

    public async Task DisposeAsync() => await _harness.DisposeAsync();

    [Fact]
    public async Task Each_transition_is_logged_once()
    {
        await _harness.Send(Create());
        await _harness.Send(Start());
        Assert.False((await _harness.Send(Start())).Changed);

        Assert.Equal(
            ["Run run_1 new -> pending", "Run run_1 pending -> running"],
            GetMessages().Where(message => message.StartsWith("Run run_1", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Changes_and_rejections_of_a_publisher_are_in_the_audit_log()
    {
        await _harness.Send(Create());
        await _harness.SendRejected(Start() with { RunId = "missing" });

        Assert.Collection(
            GetAuditLog(),
            entry => Assert.Contains("create run_1 new -> pending", entry, StringComparison.Ordinal),
            entry => Assert.Contains("start missing rejected with RUN_NOT_FOUND", entry, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_create_that_the_store_did_not_write_is_logged_with_its_exception_and_audited()
    {
        var exception = new StoreUnavailableException("Unavailable.", null) { NothingWritten = true };
        _harness.Script.FailNext(nameof(IRunStore.TryInsert), exception);

        Assert.Equal(RejectionCodes.StoreUnavailable, await _harness.SendRejected(Create()));

        Assert.Contains(_harness.Log.GetSnapshot(), record => record.Level == LogLevel.Warning && record.Exception == exception);
        Assert.Contains("create run_1 rejected with STORE_UNAVAILABLE", Assert.Single(GetAuditLog()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_of_the_API_and_due_messages_are_not_audited_as_those_of_a_publisher()
    {
        var client = new BatchClient(_harness.Bus.Bus);
        var (created, rejected) = (NewId.NextGuid(), NewId.NextGuid());
        await client.Send((created, Create()), (rejected, Start() with { RunId = "missing" }));
        await client.ReplyTo(created);
        await client.ReplyTo(rejected);

        await _harness.Bus.Bus.Publish(new RunDue("acme", "missing"));
        Assert.True(await _harness.Bus.Consumed.Any<RunDue>());

        Assert.Empty(GetAuditLog());
    }

    private IEnumerable<string> GetMessages() => _harness.Log.GetSnapshot().Select(record => record.Message);

    private IEnumerable<string> GetAuditLog() =>
        _harness.Log.GetSnapshot().Where(record => record.Category == "Runs.Audit").Select(record => record.Message);
}
