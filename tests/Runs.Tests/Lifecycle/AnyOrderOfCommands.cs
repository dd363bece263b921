using System.Collections.Concurrent;
using CsCheck;

namespace Runs.Tests.Lifecycle;

public sealed class AnyOrderOfCommandsEmbedded(EmbeddedStack stack) : AnyOrderOfCommands<EmbeddedStack>(stack, stories: 200);

/// <summary>Commands of every kind in any order, repeated, redelivered and at the same time, over HTTP and broker.</summary>
public abstract class AnyOrderOfCommands<TStack>(TStack stack, int stories) : IClassFixture<TStack>
    where TStack : Stack
{
    private static readonly Gen<Step> Later = Gen.Select(
        Gen.Frequency(
            (2, Verb.Create), (2, Verb.Start), (4, Verb.Append), (3, Verb.Wait), (4, Verb.Resume), (1, Verb.Complete), (1, Verb.Cancel), (3, Verb.AskForInput),
            (3, Verb.AnswerInput), (1, Verb.ComeDue)),
        Gen.Frequency((6, 0), (2, 1), (1, 2)),
        Gen.Int[0, 5],
        Gen.Enum<Way>(),
        Gen.Frequency((2, false), (1, true)),
        (verb, run, choice, way, together) => new Step(verb, run, choice, way, together));

    // Most stories begin with a create; in the others something overtook it.
    private static readonly Gen<Step[]> Steps = Gen.Select(
        Gen.Frequency((4, Gen.Const(Verb.Create)), (1, Gen.Enum<Verb>())), Gen.Int[0, 5], Gen.Enum<Way>(), Later.Array[1, 24],
        (verb, choice, way, later) => (Step[])[new Step(verb, 0, choice, way, Together: false), .. later]);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_and_nobody_is_told_a_lie()
    {
        var facts = await Facts.Of(stack);
        var played = new ConcurrentQueue<Story>();

        await Steps.SampleAsync(Play, iter: stories, threads: 4, print: steps => string.Join(Environment.NewLine, steps.AsEnumerable()));

        // What came late has come by now.
        await Parallel.ForEachAsync(played, async (story, _) => await story.End(facts));

        async Task Play(Step[] steps)
        {
            var story = new Story(stack);
            await story.Play(steps);
            played.Enqueue(story);
        }
    }
}
