using Microsoft.AspNetCore.Builder;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Http;

public sealed class OverloadTests(OverloadedApplication application) : IClassFixture<OverloadedApplication>
{
    [Fact]
    public async Task Commands_over_the_limit_are_rejected_at_once_and_the_others_are_executed()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => application.Client.Post("/runs", TestRequests.TaskBody())));

        var refused = answers.Where(answer => answer.Status != 202).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, answer =>
        {
            answer.AssertProblem(503);
            Assert.Equal("OVERLOADED", answer["code"].GetString());
            Assert.Equal("1", answer.Headers["Retry-After"]);
        });
        Assert.Contains(answers, answer => answer.Status == 202);
    }

    [Fact]
    public async Task Appends_that_exceed_the_archive_capacity_get_503()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run).With("initial_status", "running"));
        application.InterceptedStore.FailingMethod = nameof(IRunStore.TryAppend);
        application.InterceptedStore.Failure = new StoreUnavailableException("full", null) { NothingWritten = true, IsArchiveFull = true };

        var answer = await application.Client.Post($"/runs/{run}/events", new { events = new[] { new { type = "CUSTOM", value = 1 } } });
        application.InterceptedStore.Failure = null;

        answer.AssertProblem(503, "Too many events waiting for the archive. Nothing was done; retry in a second.");
        Assert.Equal(("OVERLOADED", "1"), (answer["code"].GetString(), answer.Headers["Retry-After"]));
    }

    [Fact]
    public async Task A_create_over_the_limit_is_rejected_before_its_body_is_read()
    {
        using var nobody = application.CreateClient(null);
        using (application.Limits.Commands.Acquire("dev"))
        {
            (await nobody.Post("/runs", "no JSON")).AssertProblem(503);
        }

        (await nobody.Post("/runs", "no JSON")).AssertProblem(401);
    }
}

/// <summary>A server that takes one command at a time.</summary>
public sealed class OverloadedApplication : EmbeddedApplication
{
    public InterceptedStore InterceptedStore { get; private set; } = null!;

    protected override void ConfigureBuilder(WebApplicationBuilder builder) => builder.InterceptStore(store => InterceptedStore = store);

    protected override async Task<Dictionary<string, string?>> CreateSettings() => new(await base.CreateSettings()) { ["Api:MaxConcurrentCommands"] = "1", ["Api:TenantShare"] = "1" };
}
