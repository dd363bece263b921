using MassTransit;
using Runs.Contracts;

namespace Runs.Tests.Lifecycle;

public sealed class LateRedeliveriesEmbedded(EmbeddedStack stack) : LateRedeliveries<EmbeddedStack>(stack);

/// <summary>The broker delivers a message again, because it did not hear that it was handled, and others were handled meanwhile.</summary>
public abstract class LateRedeliveries<TStack>(TStack stack) : IClassFixture<TStack>
    where TStack : Stack
{
    private readonly string _id = Calls.NewId();

    [Theory]
    [InlineData("tool", "call_1")]
    [InlineData("approval", null)]
    public async Task A_wait_that_was_answered_does_not_pause_the_run_again(string reason, string? toolCall)
    {
        var (wait, result) = await Create(reason, toolCall);
        await wait();
        await result();

        var late = await wait();

        Assert.False(late.Changed);
        Assert.Equal("running", late.Run.Status);
    }

    [Theory]
    [InlineData("tool", "call_1", "call_2")]
    [InlineData("approval", null, null)]
    public async Task A_result_does_not_answer_the_next_wait(string reason, string? toolCall, string? next)
    {
        var (wait, result) = await Create(reason, toolCall);
        await wait();
        await result();
        await stack.Client.Post($"/runs/{_id}/wait", new { reason, tool_call_id = next });

        var late = await result();

        Assert.False(late.Changed);
        Assert.Equal("waiting", late.Run.Status);
    }

    private async Task<(Func<Task<RunSnapshot>> Wait, Func<Task<RunSnapshot>> Result)> Create(string reason, string? toolCall)
    {
        await stack.Client.Create(Calls.Agent(_id));
        return (
            Delivered(new WaitRun { Tenant = "dev", RunId = _id, Reason = reason, ToolCallId = toolCall }),
            Delivered(new ResumeRun { Tenant = "dev", RunId = _id, ToolCallId = toolCall }));
    }

    private Func<Task<RunSnapshot>> Delivered<T>(T command)
        where T : class
    {
        var messageId = NewId.NextGuid();
        return async () =>
        {
            using var request = stack.Bus.CreateRequestClient<T>().Create(command);
            request.UseExecute(context => context.MessageId = messageId);
            return (await request.GetResponse<RunSnapshot>()).Message;
        };
    }
}
