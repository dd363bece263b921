using System.Collections.Concurrent;
using CsCheck;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// Commands of every kind in random order, repeated, redelivered and concurrent, over HTTP and the broker.
/// </summary>
public abstract class RandomCommandOrderTests<TApplication>(TApplication application, int iterations) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private static readonly Gen<Operation> LaterOperation = Gen.Select(
        Gen.Frequency(
            (2, OperationKind.Create),
            (2, OperationKind.Start),
            (4, OperationKind.Append),
            (3, OperationKind.Wait),
            (4, OperationKind.Resume),
            (1, OperationKind.Complete),
            (1, OperationKind.Cancel),
            (3, OperationKind.RequestInput),
            (3, OperationKind.RespondToInput),
            (1, OperationKind.BecomeDue)),
        Gen.Frequency((6, 0), (2, 1), (1, 2)),
        Gen.Int[0, 5],
        Gen.Enum<SendMode>(),
        Gen.Frequency((2, false), (1, true)),
        (kind, run, variant, mode, isConcurrent) => new Operation(kind, run, variant, mode, isConcurrent));

    // Most scenarios begin with a create; in the others, another command overtakes it.
    private static readonly Gen<Operation[]> Operations = Gen.Select(
        Gen.Frequency((4, Gen.Const(OperationKind.Create)), (1, Gen.Enum<OperationKind>())),
        Gen.Int[0, 5],
        Gen.Enum<SendMode>(),
        LaterOperation.Array[1, 24],
        (kind, variant, mode, later) => (Operation[])[new Operation(kind, 0, variant, mode, IsConcurrent: false), .. later]);

    [Fact]
    public async Task Random_command_orders_lose_and_duplicate_nothing_and_every_reply_is_consistent()
    {
        var events = await PublishedEvents.Subscribe(application);
        var executed = new ConcurrentQueue<Scenario>();

        await Operations.SampleAsync(
            Execute, iter: iterations, threads: 4, print: operations => string.Join(Environment.NewLine, operations.AsEnumerable()));

        // Late changes and messages have arrived by now.
        await Parallel.ForEachAsync(executed, async (scenario, _) => await scenario.VerifyPublishedEvents(events));

        async Task Execute(Operation[] operations)
        {
            var scenario = new Scenario(application);
            await scenario.Execute(operations);
            executed.Enqueue(scenario);
        }
    }
}
