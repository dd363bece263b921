using Runs.Store;

namespace Runs.Tests.Http;

public sealed class OverloadTests(OverloadedApplication application) : IClassFixture<OverloadedApplication>
{
    [Fact]
    public async Task Commands_over_the_limit_are_rejected_at_once_and_the_others_are_executed()
    {
        var creates = Enumerable.Range(0, 200).Select(_ => application.Client.Post("/runs", TestRequests.TaskBody()));

        var responses = await Task.WhenAll(creates);

        var rejected = responses.Where(response => response.Status != 202).ToList();
        Assert.NotEmpty(rejected);
        Assert.All(rejected, AssertOverloaded);
        Assert.Contains(responses, response => response.Status == 202);
    }

    [Theory]
    [InlineData(false, 503)]
    [InlineData(true, 429)]
    public async Task Appends_that_exceed_the_archive_capacity_get_503_or_429(bool isTenantShareUsed, int status)
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run).With("initial_status", "running"));
        application.InterceptedStore.FailingMethod = nameof(IRunStore.TryAppend);
        application.InterceptedStore.Failure = new StoreUnavailableException("full", null)
        {
            NothingWritten = true,
            IsArchiveFull = true,
            IsTenantShareUsed = isTenantShareUsed,
        };

        var response = await application.Client.Post($"/runs/{run}/events", new { events = new[] { new { type = "CUSTOM", value = 1 } } });
        application.InterceptedStore.Failure = null;

        response.AssertProblem(status, "events waiting for the archive");
        Assert.Equal("1", response.Headers["Retry-After"]);
    }

    [Fact]
    public async Task A_create_over_the_limit_is_rejected_before_its_body_is_read()
    {
        using var anonymous = application.CreateClient(null);
        using (application.Limits.Commands.Acquire("dev"))
        {
            (await anonymous.Post("/runs", "no JSON")).AssertProblem(503);
        }

        (await anonymous.Post("/runs", "no JSON")).AssertProblem(401);
    }

    private static void AssertOverloaded(ApiResponse response)
    {
        response.AssertProblemCode(503, "OVERLOADED");
        Assert.Equal("1", response.Headers["Retry-After"]);
    }
}
