using Runs.Api;

namespace Runs.Tests.Http;

/// <summary>Answers of commands are charged to their tenant as answers of reads are.</summary>
public sealed class LargeAnswerTests(SharedStack stack) : IClassFixture<SharedStack>
{
    private const int TenantShare = 128 * 1024; // KiB

    [Fact]
    public async Task The_answer_of_a_command_is_charged_until_its_client_has_it()
    {
        var run = await LargeRun();
        await Eventually.Holds(() => Task.FromResult(stack.Limits.ResponseMemory.Available == 2 * TenantShare));
        using var cancel = new HttpRequestMessage(HttpMethod.Post, $"/runs/{run}/cancel");

        using (var answer = await stack.Client.SendAsync(cancel, HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(200, (int)answer.StatusCode);
            Assert.True(stack.Limits.ResponseMemory.Available < (2 * TenantShare) - 16_000); // 9 million characters
            Assert.Contains("\"cancelled\":true", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await Eventually.Holds(() => Task.FromResult(stack.Limits.ResponseMemory.Available == 2 * TenantShare));
    }

    [Fact]
    public async Task A_tenant_that_has_no_room_for_large_answers_is_rejected_before_anything_is_done()
    {
        using var other = stack.Caller(SharedStack.OtherKey);
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Task(run));
        using (stack.Limits.ResponseMemory.Acquire(DevelopmentKey.Tenant, TenantShare))
        {
            foreach (var command in (string[])["cancel", "complete", "wait"])
            {
                (await stack.Client.Post($"/runs/{run}/{command}")).IsProblem(429);
            }

            (await stack.Client.Post("/runs", Calls.Task())).IsProblem(429);
            await other.Create(Calls.Task());
        }

        Assert.Equal("pending", (await stack.Client.Read($"/runs/{run}"))["status"].GetString());
    }

    [Fact]
    public async Task The_answer_of_a_command_that_was_sent_is_given_although_there_is_not_enough_room()
    {
        var run = await LargeRun();
        using (stack.Limits.ResponseMemory.Acquire(DevelopmentKey.Tenant, TenantShare - 1_000))
        {
            Assert.True((await stack.Client.Post($"/runs/{run}/cancel"))["cancelled"].GetBoolean());
        }
    }

    private async Task<string> LargeRun()
    {
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Task(run, new { target = "task:t", config = new { a = new string('x', 9_000_000) } }));
        return run;
    }
}
