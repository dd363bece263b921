using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;
using Runs.Store;
using Runs.Tests.Fuzz;
using Runs.Tests.Stores;

namespace Runs.Tests.Lifecycle;

/// <summary>Commands that nobody waits for, and a store that is away for hours.</summary>
public sealed class AbsentStore(AbsentStoreStack stack) : IClassFixture<AbsentStoreStack>
{
    [Fact]
    public async Task An_outcome_that_nobody_waits_for_survives_a_store_that_is_away_for_a_day()
    {
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Task(run));
        var calls = stack.Intercepted.Calls;

        stack.Intercepted.Failure = new StoreUnavailableException("Away.", null);
        await stack.Bus.Publish(new CompleteRun { Tenant = "dev", RunId = run, Status = "completed" });
        await Eventually.Holds(() => Task.FromResult(stack.Intercepted.Calls > calls));
        for (var hour = 0; hour < 24; hour++)
        {
            stack.Clock.Advance(TimeSpan.FromHours(1));
        }

        stack.Intercepted.Failure = null;

        await Eventually.Succeeds(async () =>
        {
            stack.Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal("completed", (await stack.Client.Read($"/runs/{run}"))["status"].GetString());
        });
    }

    /// <summary>The file store says of each call that fails that it has written nothing. That is true of the read, and not of the command before it.</summary>
    [Fact]
    public async Task A_read_that_fails_after_its_command_was_carried_out_does_not_say_that_nothing_was_stored()
    {
        var run = Calls.NewId();
        await stack.Client.Create(Calls.Agent(run));

        (stack.Intercepted.FailingCall, stack.Intercepted.Failure) = (nameof(IRunStore.FindLatest), new StoreUnavailableException("Away.", null) { NothingWritten = true });
        var asked = await stack.Client.Post($"/conversations/{Stack.Conversation}/input-requests", ValidBodies.InputRequest(run));
        (stack.Intercepted.FailingCall, stack.Intercepted.Failure) = (null, null);

        asked.IsProblem(503);
        Assert.Equal("The run store does not answer. Ask again.", asked["detail"].GetString());
        Assert.Equal("waiting", (await stack.Client.Read($"/runs/{run}"))["status"].GetString());
    }
}

/// <summary>The embedded default over a store that can be taken away, with a clock that stands still.</summary>
public sealed class AbsentStoreStack : EmbeddedStack
{
    public FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());

    public InterceptedStore Intercepted { get; private set; } = null!;

    // A day has many tenths of a second.
    protected override async Task<Dictionary<string, string?>> Settings() => new(await base.Settings())
    {
        ["Lifecycle:TimerInterval"] = "00:01:00",
        ["Lifecycle:RelayInterval"] = "00:10:00",
    };

    protected override void Adjust(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.InterceptStore(store => Intercepted = store);
    }
}
