namespace Runs.Tests.Http;

public sealed class ActorsOnTheEmbeddedDefault(EmbeddedStack stack) : Actors<EmbeddedStack>(stack);

/// <summary>Who did what is what the credential says.</summary>
public abstract class Actors<TStack>(TStack stack) : IClassFixture<TStack>
    where TStack : Stack
{
    [Theory]
    [InlineData("system")]
    [InlineData("agent")]
    [InlineData("human")]
    public async Task An_answer_is_recorded_with_the_type_of_the_credential(string type)
    {
        const string User = "0c1d2e3f-1111-4222-8333-444455556666";
        var (run, at) = (Calls.NewId(), $"/conversations/{Stack.Conversation}/input-requests");
        await stack.Client.Create(Calls.Agent(run));
        var asked = await stack.Client.Post(at, new { run_id = run, tool_call_id = "c", requested_responder_type = "human", title = "t", fields = new[] { 1 } });
        using var caller = await stack.CallerWith("read answer", actorType: type, userId: User);

        var answered = await caller.Post($"{at}/{asked["id"].GetString()}/responses", new { values = new { approved = true } });

        var response = answered["latest_response"];
        Assert.Equal((type, User), (response.GetProperty("actor_type").GetString(), response.GetProperty("actor_id").GetString()));
    }
}
