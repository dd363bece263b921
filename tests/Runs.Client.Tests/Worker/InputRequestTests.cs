using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Runs.Api.Authentication;

namespace Runs.Client.Tests;

/// <summary>Forms that handlers open, with the real server.</summary>
public sealed class InputRequestTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>
{
    [Fact]
    public async Task A_handler_that_holds_its_run_gets_the_values_of_its_form()
    {
        using var host = await StartWorker("task:hold", async (run, stop) =>
        {
            var approval = await run.AwaitInput<Approval>("approve", Form.Confirm("Send?", "send"), TimeSpan.FromHours(1), stop);
            return RunResult.Completed(new { approval!.Send });
        });
        var created = await server.Client.Create(NewRun.Task("task:hold"));

        var request = await Answer(created.Run.RunId, new { send = true });
        var ended = await server.Client.WaitForEnd(created.Run.RunId, Eventually.Timeout);

        Assert.Equal(("approve", "Send?"), (request.ToolCallId, request.Title));
        Assert.Equal((RunStatuses.Completed, """{"send":true}""", 1), (ended.Status, ended.Output!.Value.Text, ended.Attempt));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_suspended_run_continues_with_the_values_of_its_form()
    {
        using var host = await StartWorker("task:suspend", (run, stop) => Task.FromResult(
            run.Answer<Approval>("approve") is { } approval
                ? RunResult.Completed(new { approval.Send })
                : RunResult.AskInput("approve", Form.Confirm("Send?", "send"), expiresIn: TimeSpan.FromDays(2))));
        var created = await server.Client.Create(NewRun.Task("task:suspend"));

        await Answer(created.Run.RunId, new { send = false });
        var ended = await server.Client.WaitForEnd(created.Run.RunId, Eventually.Timeout);

        Assert.Equal((RunStatuses.Completed, """{"send":false}""", 2), (ended.Status, ended.Output!.Value.Text, ended.Attempt));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_cancelled_form_is_a_failed_tool_call_of_the_handler()
    {
        using var host = await StartWorker("task:cancel", async (run, stop) =>
        {
            var failure = await Assert.ThrowsAsync<ToolCallFailedException>(
                () => run.AwaitInput<Approval>("approve", Form.Confirm("Send?"), TimeSpan.FromHours(1), stop));
            return RunResult.Completed(new { failure.CallId });
        });
        var created = await server.Client.Create(NewRun.Task("task:cancel"));
        var scope = InputRequestScope.Run(created.Run.RunId);

        await server.Client.Inputs.Cancel(scope, (await FindOpen(scope)).Id);
        var ended = await server.Client.WaitForEnd(created.Run.RunId, Eventually.Timeout);

        Assert.Equal("""{"callId":"approve"}""", ended.Output!.Value.Text);
        await host.StopAsync();
    }

    private async Task<InputRequest> Answer(string runId, object values)
    {
        var scope = InputRequestScope.Run(runId);
        return await server.Client.Inputs.Respond(scope, (await FindOpen(scope)).Id, values);
    }

    private async Task<InputRequest> FindOpen(InputRequestScope scope)
    {
        InputRequest? open = null;
        await Eventually.Holds(async () =>
        {
            await foreach (var request in server.Client.Inputs.List(scope, "open"))
            {
                open = request;
            }

            return open is not null;
        });
        return open!;
    }

    private async Task<IHost> StartWorker(string target, Func<RunContext<object>, CancellationToken, Task<RunResult>> handler)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["RUNS_URL"] = server.Address,
            ["RUNS_API_KEY"] = DevelopmentApiKey.Key,
            ["RUNS_PROJECT"] = EmbeddedServer.Project,
        });
        builder.Logging.ClearProviders();
        builder.Services.AddRunsWorker(worker => worker
            .Handle(target, handler)
            .Configure(options => options.WorkerKey = target.Replace(':', '.')));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private sealed record Approval(bool Send);
}
