using System.Text;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>The routing keys of the events that offer runs.</summary>
public sealed class OfferRoutingKeyTests
{
    private const string LongHash = "h_[0-9a-f]{64}";

    [Theory]
    [InlineData("acme", "task", "task:rebuild-index", "acme.task.rebuild-index")]
    [InlineData("acme", "task", "task:also:*", "acme.task.also:%2A")]
    [InlineData("a.c#m%e", "agent", "agent:v1.2 über", "a%2Ec%23m%25e.agent.v1%2E2 über")]
    public void A_run_is_offered_by_its_target(string tenant, string kind, string target, string expected)
    {
        Assert.Equal(expected, OfferRoutingKey.Get(Accepted() with { Tenant = tenant, Kind = kind, Target = target }));
        Assert.Equal(expected, OfferRoutingKey.Get(Ready() with { Tenant = tenant, Kind = kind, Target = target }));
    }

    [Fact]
    public void A_run_that_names_an_implementation_is_offered_by_it_and_not_by_its_target()
    {
        var run = Ready() with { Kind = RunKinds.Agent, Target = "agent:writer", ImplementationKind = "python" };

        Assert.Equal("acme.implementation.python", OfferRoutingKey.Get(run));
        Assert.Equal("acme.implementation.python.eu-1%2Ea", OfferRoutingKey.Get(run with { WorkerKey = "eu-1.a" }));
    }

    [Fact]
    public void A_run_that_cannot_be_claimed_is_not_offered()
    {
        Assert.Null(OfferRoutingKey.Get(Accepted() with { Status = RunStatuses.Running }));
        Assert.Null(OfferRoutingKey.Get(Ready() with { Target = null }));
        Assert.Null(OfferRoutingKey.Get(RunMessages.CreateRunReserved(TestRuns.Create(), TestRuns.Noon)));
        Assert.Null(OfferRoutingKey.Get(RunMessages.CreateRunStarted(TestRuns.Create(), TestRuns.Noon)));
    }

    [Fact]
    public void An_id_is_replaced_by_its_hash_when_the_key_would_be_longer_than_255_bytes()
    {
        const string Prefix = "acme.task.";
        var longest = new string('i', 255 - Prefix.Length);

        Assert.Equal(Prefix + longest, OfferRoutingKey.Get(Ready() with { Target = $"task:{longest}" }));
        Assert.Matches($"^acme\\.task\\.{LongHash}$", OfferRoutingKey.Get(Ready() with { Target = $"task:{longest}i" }));
        Assert.Equal(
            "acme.task.h_001dfff6e5f294e093761230b1e9ef2c", // SHA-256 of 128 dots in UTF-8, shortened here
            OfferRoutingKey.Get(Ready() with { Target = $"task:{new string('.', 128)}" })![..44]);
    }

    [Fact]
    public void Any_valid_run_has_a_key_of_at_most_255_bytes()
    {
        var run = Ready() with
        {
            Tenant = new string('\u20AC', FieldLimits.MaxIdLength),
            Target = $"workflow:{new string('#', FieldLimits.MaxTargetIdLength)}",
            Kind = RunKinds.Workflow,
        };
        var ofImplementation = run with
        {
            Tenant = new string('t', 100),
            ImplementationKind = new string('k', FieldLimits.MaxImplementationKindLength),
            WorkerKey = new string('.', FieldLimits.MaxWorkerNameLength),
        };

        Assert.Matches($"^{LongHash}\\.workflow\\.{LongHash}$", OfferRoutingKey.Get(run));
        Assert.All(
            [OfferRoutingKey.Get(run)!, OfferRoutingKey.Get(ofImplementation)!],
            key => Assert.InRange(Encoding.UTF8.GetByteCount(key), 1, 255));
    }

    private static RunAccepted Accepted() => RunMessages.CreateRunAccepted(TestRuns.Create(), TestRuns.Noon) with
    {
        Tenant = "acme",
        Kind = RunKinds.Task,
        Target = "task:t",
        ImplementationKind = null,
        WorkerKey = null,
        Status = RunStatuses.Pending,
    };

    private static RunReady Ready() => RunMessages.CreateRunReady(TestRuns.Create(), ReadyReasons.Retry, TestRuns.Noon) with
    {
        Tenant = "acme",
        Kind = RunKinds.Task,
        Target = "task:t",
        ImplementationKind = null,
        WorkerKey = null,
    };
}
