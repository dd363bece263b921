namespace Runs.Tests.Lifecycle;

public sealed class BeginningWithAnEventEmbedded(EmbeddedStack stack) : BeginningWithAnEvent<EmbeddedStack>(stack);

/// <summary>The executor's own first event begins a pending run, and somebody ends the run at the same time.</summary>
public abstract class BeginningWithAnEvent<TStack>(TStack stack) : IClassFixture<TStack>
    where TStack : Stack
{
    private const string Began = """{"type":"RUN_STARTED","by":"executor"}""";

    [Fact]
    public async Task Whoever_began_the_run_is_told_so_even_when_it_has_ended_since()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            var id = Calls.NewId();
            await stack.Client.Create(Calls.Agent(id));

            var append = stack.Client.Post($"/runs/{id}/events", $$"""{"events":[{{Began}}]}""");
            var cancel = stack.Client.Post($"/runs/{id}/cancel");
            await Task.WhenAll(append, cancel);

            var (_, log) = (await stack.LogOf(id))!.Value;
            Assert.Equal(log[0].Event.Text == Began, (await append).Status == 200);
        }));
    }
}
