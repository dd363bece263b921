using System.Collections.Concurrent;
using CsCheck;

namespace Runs.Tests.Lifecycle;

public sealed class EmbeddedRandomCommandOrderTests(EmbeddedApplication application) : RandomCommandOrderTests<EmbeddedApplication>(application, iterations: 200);

/// <summary>Commands of every kind in any order, repeated, redelivered and at the same time, over HTTP and broker.</summary>
public abstract class RandomCommandOrderTests<TApplication>(TApplication application, int iterations) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private static readonly Gen<OperationResult> LaterOperation = Gen.Select(
        Gen.Frequency(
            (2, OperationKind.Create), (2, OperationKind.Start), (4, OperationKind.Append), (3, OperationKind.Wait), (4, OperationKind.Resume), (1, OperationKind.Complete), (1, OperationKind.Cancel), (3, OperationKind.RequestInput),
            (3, OperationKind.RespondToInput), (1, OperationKind.BecomeDue)),
        Gen.Frequency((6, 0), (2, 1), (1, 2)),
        Gen.Int[0, 5],
        Gen.Enum<SendMode>(),
        Gen.Frequency((2, false), (1, true)),
        (verb, run, choice, way, together) => new OperationResult(verb, run, choice, way, together));

    // Most stories begin with a create; in the others something overtook it.
    private static readonly Gen<OperationResult[]> Operations = Gen.Select(
        Gen.Frequency((4, Gen.Const(OperationKind.Create)), (1, Gen.Enum<OperationKind>())), Gen.Int[0, 5], Gen.Enum<SendMode>(), LaterOperation.Array[1, 24],
        (verb, choice, way, later) => (OperationResult[])[new OperationResult(verb, 0, choice, way, IsConcurrent: false), .. later]);

    [Fact]
    public async Task Random_command_orders_lose_and_duplicate_nothing_and_every_reply_is_consistent()
    {
        var facts = await PublishedEvents.Subscribe(application);
        var played = new ConcurrentQueue<Scenario>();

        await Operations.SampleAsync(Play, iter: iterations, threads: 4, print: steps => string.Join(Environment.NewLine, steps.AsEnumerable()));

        // What came late has come by now.
        await Parallel.ForEachAsync(played, async (story, _) => await story.VerifyPublishedEvents(facts));

        async Task Play(OperationResult[] steps)
        {
            var story = new Scenario(application);
            await story.Execute(steps);
            played.Enqueue(story);
        }
    }
}
