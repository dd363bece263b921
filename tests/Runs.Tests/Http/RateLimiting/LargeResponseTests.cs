namespace Runs.Tests.Http;

/// <summary>
/// The memory of responses to commands counts against the tenant, as that of responses to reads does.
/// </summary>
public sealed class LargeResponseTests(TenantLimitsApplication application) : IClassFixture<TenantLimitsApplication>
{
    private const int TenantShare = 128 * 1024; // KiB

    [Fact]
    public async Task A_command_response_is_charged_until_the_client_has_received_it()
    {
        var run = await CreateLargeRun();
        await Eventually.Holds(() => Task.FromResult(application.Limits.ResponseMemory.AvailablePermits == 2 * TenantShare));
        using var cancel = new HttpRequestMessage(HttpMethod.Post, $"/runs/{run}/cancel");

        using (var response = await application.Client.SendAsync(cancel, HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(200, (int)response.StatusCode);
            Assert.True(application.Limits.ResponseMemory.AvailablePermits < (2 * TenantShare) - 16_000); // 9 million characters
            Assert.Contains("\"cancelled\":true", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await Eventually.Holds(() => Task.FromResult(application.Limits.ResponseMemory.AvailablePermits == 2 * TenantShare));
    }

    [Fact]
    public async Task A_tenant_without_response_memory_is_rejected_before_its_command_is_sent()
    {
        using var other = application.CreateClient(RunsApplication.OtherKey);
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));
        using (application.Limits.ResponseMemory.Acquire(DevelopmentApiKey.Tenant, TenantShare))
        {
            foreach (var command in (string[])["cancel", "complete", "wait"])
            {
                (await application.Client.Post($"/runs/{run}/{command}")).AssertProblem(429);
            }

            (await application.Client.Post("/runs", TestRequests.TaskBody())).AssertProblem(429);
            await other.Create(TestRequests.TaskBody());
        }

        Assert.Equal("pending", (await application.Client.GetRun(run)).Status);
    }

    [Fact]
    public async Task The_response_of_a_sent_command_is_returned_even_without_response_memory()
    {
        var run = await CreateLargeRun();
        using (application.Limits.ResponseMemory.Acquire(DevelopmentApiKey.Tenant, TenantShare - 1_000))
        {
            Assert.True((await application.Client.Cancel(run)).Cancelled);
        }
    }

    private async Task<string> CreateLargeRun()
    {
        var run = TestRequests.NewId();
        var request = new { target = "task:t", config = new { a = new string('x', 9_000_000) } };
        await application.Client.Create(TestRequests.TaskBody(run, request));
        return run;
    }
}
