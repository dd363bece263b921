using Microsoft.AspNetCore.Builder;
using Runs.Store;
using Runs.Tests.Stores;

namespace Runs.Tests.Http;

public sealed class Overload(OverloadedStack stack) : IClassFixture<OverloadedStack>
{
    [Fact]
    public async Task What_is_too_much_is_refused_at_once_and_the_rest_is_carried_out()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => stack.Client.Post("/runs", Calls.Task())));

        var refused = answers.Where(answer => answer.Status != 202).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, answer =>
        {
            answer.IsProblem(503);
            Assert.Equal("OVERLOADED", answer["code"].GetString());
            Assert.Equal("1", answer.Headers["Retry-After"]);
        });
        Assert.Contains(answers, answer => answer.Status == 202);
    }

    [Fact]
    public async Task Appends_that_are_more_than_the_archive_takes_are_answered_as_overload()
    {
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Task(run).With("initial_status", "running"));
        stack.Intercepted.FailingCall = nameof(IRunStore.TryAppend);
        stack.Intercepted.Failure = new StoreUnavailableException("full", null) { NothingWritten = true, IsArchiveFull = true };

        var answer = await stack.Client.Post($"/runs/{run}/events", new { events = new[] { new { type = "CUSTOM", value = 1 } } });
        stack.Intercepted.Failure = null;

        answer.IsProblem(503, "Too many events wait for the archive. Nothing was done; ask again in a second.");
        Assert.Equal(("OVERLOADED", "1"), (answer["code"].GetString(), answer.Headers["Retry-After"]));
    }

    [Fact]
    public async Task A_create_that_is_too_much_is_refused_before_anything_of_it_is_read()
    {
        using var nobody = stack.Caller(null);
        using (stack.Limits.Commands.Acquire("dev"))
        {
            (await nobody.Post("/runs", "no JSON")).IsProblem(503);
        }

        (await nobody.Post("/runs", "no JSON")).IsProblem(401);
    }
}

/// <summary>A server that takes one command at a time.</summary>
public sealed class OverloadedStack : EmbeddedStack
{
    public InterceptedStore Intercepted { get; private set; } = null!;

    protected override void Adjust(WebApplicationBuilder builder) => builder.InterceptStore(store => Intercepted = store);

    protected override async Task<Dictionary<string, string?>> Settings() => new(await base.Settings()) { ["Api:MaxConcurrentCommands"] = "1", ["Api:TenantShare"] = "1" };
}
