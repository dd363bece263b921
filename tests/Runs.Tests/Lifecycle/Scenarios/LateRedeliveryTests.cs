using MassTransit;
using Runs.Contracts;

namespace Runs.Tests.Lifecycle;

/// <summary>
/// The broker redelivers a message after other messages were handled, because an acknowledgement was lost.
/// </summary>
public abstract class LateRedeliveryTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private readonly string _id = TestRequests.NewId();

    [Theory]
    [InlineData("tool", "call_1")]
    [InlineData("approval", null)]
    public async Task A_redelivered_wait_does_not_pause_the_resumed_run(string reason, string? toolCall)
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
    public async Task A_redelivered_result_does_not_resume_the_next_wait(string reason, string? toolCall, string? next)
    {
        var (wait, result) = await Create(reason, toolCall);
        await wait();
        await result();
        await application.Client.Post($"/runs/{_id}/wait", new { reason, tool_call_id = next });

        var late = await result();

        Assert.False(late.Changed);
        Assert.Equal("waiting", late.Run.Status);
    }

    private async Task<(Func<Task<RunSnapshot>> Wait, Func<Task<RunSnapshot>> Result)> Create(string reason, string? toolCall)
    {
        await application.Client.Create(TestRequests.AgentBody(_id));
        return (
            CreateRedelivery(new WaitRun { Tenant = "dev", RunId = _id, Reason = reason, ToolCallId = toolCall }),
            CreateRedelivery(new ResumeRun { Tenant = "dev", RunId = _id, ToolCallId = toolCall }));
    }

    private Func<Task<RunSnapshot>> CreateRedelivery<T>(T command)
        where T : class
    {
        var messageId = NewId.NextGuid();
        return async () =>
        {
            using var request = application.Bus.CreateRequestClient<T>().Create(command);
            request.UseExecute(context => context.MessageId = messageId);
            return (await request.GetResponse<RunSnapshot>()).Message;
        };
    }
}
