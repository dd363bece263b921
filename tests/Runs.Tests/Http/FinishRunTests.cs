using Runs.Contracts;

namespace Runs.Tests.Http;

public sealed class FinishRunTests(EmbeddedApplication application) : FinishRunTests<EmbeddedApplication>(application);

public abstract class FinishRunTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_cancel_finishes_the_run_and_a_second_cancel_changes_nothing()
    {
        var run = await Client.CreateTask();

        var first = await Client.Post($"/runs/{run}/cancel");
        var second = await Client.Post($"/runs/{run}/cancel", "");

        var cancelled = first.Read<CancelledRun>();
        Assert.True(cancelled.Cancelled);
        Assert.Equal(("cancelled", 1, null), (cancelled.Run.Status, cancelled.Run.ExitCode, cancelled.Run.StartedAt));
        Assert.False(second.Read<CancelledRun>().Cancelled);
        Assert.Equal(first["run"].GetRawText(), second["run"].GetRawText());
    }

    [Fact]
    public async Task A_cancel_cancels_all_active_descendants_and_no_other_run()
    {
        var (unrelated, root) = (await Client.CreateTask(), await Client.CreateTask());
        var (finished, child, grandchild) = (TestRequests.NewId(), TestRequests.NewId(), TestRequests.NewId());
        await Client.Create(TestRequests.TaskBody(finished).With("parent_run_id", root));
        await Client.Create(TestRequests.TaskBody(child).With("parent_run_id", root));
        await Client.Create(TestRequests.TaskBody(grandchild).With("parent_run_id", finished));
        await Client.Complete(finished); // its descendants are still cancelled

        await Client.Cancel(root);

        await Eventually.Succeeds(async () =>
        {
            Assert.Equal("cancelled", await GetStatus(child));
            Assert.Equal("cancelled", await GetStatus(grandchild));
        });
        Assert.Equal("completed", await GetStatus(finished));
        Assert.Equal("pending", await GetStatus(unrelated));
    }

    [Fact]
    public async Task A_run_larger_than_a_message_is_returned_completely_over_HTTP()
    {
        var id = TestRequests.NewId();
        var create = TestRequests.TaskBody(id, new { target = "task:t", config = new { text = new string('c', 9_400_000) } });
        await Client.Create(create);

        // JSON escapes each of these characters with six others: with the config, the response exceeds the maximum
        // message size of RabbitMQ, which the command does not.
        var outcome = $$"""{"status":"completed","output":1,"logs":"{{new string('\u007f', 1_200_000)}}"}""";
        var completed = await RetryUntilAnswered(() => Client.Post($"/runs/{id}/complete", outcome));
        var cancelled = await RetryUntilAnswered(() => Client.Post($"/runs/{id}/cancel"));
        var repeated = await RetryUntilAnswered(() => Client.Post("/runs", create));

        Assert.True(completed.Read<CompletedRun>().Completed);
        Assert.False(cancelled.Read<CancelledRun>().Cancelled);
        Assert.True(repeated.Read<CreatedRun>(202).Duplicate);
        var run = (await Client.Get($"/runs/{id}")).Body.GetRawText();
        Assert.All([completed, cancelled, repeated], response => Assert.Equal(run, response["run"].GetRawText()));
    }

    [Fact]
    public async Task A_completed_run_stores_the_outcome_of_its_executor()
    {
        var id = await Client.CreateTask();

        var completed = await Client.Complete(id, """
            {"status":"completed","metadata":{"model":"m","inputTokens":3},"output":{"ok":[1.0,null]},"logs":"line\n",
             "artifacts":[{"path":"a"}],"exit_code":0,"duration_ms":1234,"unknown":true}
            """);

        Assert.True(completed.Completed);
        var run = await Client.GetRun(id);
        Assert.Equal(("completed", "line\n", 1234, 0), (run.Status, run.Logs, run.DurationMs, run.ExitCode));
        Assert.Equal("""{"ok":[1.0,null]}""", run.Output.GetRawText());
        Assert.Equal("m", run.Metadata.GetProperty("model").GetString());
        Assert.Equal("""[{"path":"a"}]""", run.Artifacts.GetRawText());
        Assert.NotNull(run.StartedAt);
        Assert.NotNull(run.CompletedAt);
    }

    [Fact]
    public async Task A_failure_without_a_code_has_a_message_and_no_code_member()
    {
        var (named, unnamed) = (await Client.CreateTask(), await Client.CreateTask());

        var withCode = await Client.Post($"/runs/{named}/complete", """
            {"status":"failed","terminal_error_code":"STREAM_ERROR","terminal_error_message":"It broke.","metadata":null}
            """);
        var without = await Client.Post($"/runs/{unnamed}/complete", new { status = "failed", terminal_error_code = (string?)null });

        Assert.Equal("""{"message":"It broke.","code":"STREAM_ERROR"}""", withCode["run"].GetProperty("error").GetRawText());
        Assert.NotEmpty(without.Read<CompletedRun>().Run.Error!.Message);
        Assert.False(without["run"].GetProperty("error").TryGetProperty("code", out _));
    }

    [Fact]
    public async Task The_first_outcome_is_kept()
    {
        var run = await Client.CreateTask();
        var first = await Client.Post($"/runs/{run}/complete", new { status = "completed", output = 1 });

        var same = await Client.Post($"/runs/{run}/complete", new { status = "completed", output = 2 });
        var other = await Client.Post($"/runs/{run}/complete", new { status = "failed" });
        var cancel = await Client.Post($"/runs/{run}/cancel");

        Assert.True(same.Read<CompletedRun>().Completed);
        Assert.False(other.Read<CompletedRun>().Completed);
        Assert.False(cancel.Read<CancelledRun>().Cancelled);
        Assert.All([same, other, cancel], response => Assert.Equal(first["run"].GetRawText(), response["run"].GetRawText()));
    }

    [Fact]
    public async Task A_concurrent_cancel_and_complete_have_one_winner_and_both_responses_report_it()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            var run = await Client.CreateTask();

            var cancel = Client.Cancel(run);
            var complete = Client.Complete(run);
            var (cancelled, completed) = ((await cancel).Cancelled, (await complete).Completed);

            Assert.True(cancelled ^ completed);
            Assert.Equal(cancelled ? "cancelled" : "completed", await GetStatus(run));
        }));
    }

    [Fact]
    public async Task An_unknown_run_cannot_be_finished()
    {
        (await Client.Post($"/runs/{TestRequests.NewId()}/cancel")).AssertProblem(404);
        (await Client.Post($"/runs/{TestRequests.NewId()}/complete", new { status = "completed" })).AssertProblem(404);
    }

    [Fact]
    public async Task A_cancel_that_was_answered_404_does_not_affect_a_later_create()
    {
        var run = TestRequests.NewId();

        (await Client.Post($"/runs/{run}/cancel")).AssertProblem(404);

        Assert.Equal("pending", (await Client.Create(TestRequests.TaskBody(run))).Run.Status);
    }

    [Fact]
    public async Task Another_tenant_can_neither_read_nor_finish_the_run()
    {
        var run = await Client.CreateTask();
        using var other = application.CreateClient(RunsApplication.OtherKey);

        (await other.Get($"/runs/{run}")).AssertProblem(404);
        (await other.Post($"/runs/{run}/cancel")).AssertProblem(404);
        Assert.Equal("pending", await GetStatus(run));
    }

    [Theory]
    [InlineData("""{}""", "/status")]
    [InlineData("""{"status":"running"}""", "/status")]
    [InlineData("""{"status":7}""", "/status")]
    [InlineData("""{"status":"completed","metadata":[]}""", "/metadata")]
    [InlineData("""{"status":"completed","artifacts":{}}""", "/artifacts")]
    [InlineData("""{"status":"completed","duration_ms":-1}""", "/duration_ms")]
    [InlineData("""{"status":"completed","duration_ms":1.5}""", "/duration_ms")]
    [InlineData("""{"status":"completed","exit_code":"0"}""", "/exit_code")]
    public async Task An_invalid_outcome_is_rejected_and_changes_nothing(string body, string pointer)
    {
        var run = await Client.CreateTask();

        (await Client.Post($"/runs/{run}/complete", body)).AssertProblem(400, null, pointer);

        Assert.Equal("pending", await GetStatus(run));
    }

    [Fact]
    public async Task A_run_that_exceeds_its_timeout_fails()
    {
        var run = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(run, new { target = "task:t", timeout_seconds = 1 }));

        await application.Bus.Publish(new StartRun { Tenant = "dev", RunId = run });

        await Eventually.Succeeds(async () => Assert.Equal("failed", await GetStatus(run)));
        Assert.Equal("TIMEOUT", (await Client.GetRun(run)).Error?.Code);
    }

    // While other tests use the processors, a body of this size can take longer than the reply timeout.
    private static async Task<ApiResponse> RetryUntilAnswered(Func<Task<ApiResponse>> send)
    {
        var response = await send();
        for (var i = 0; i < 5 && response.Status == 504; i++)
        {
            response = await send();
        }

        return response;
    }

    private async Task<string> GetStatus(string run) => (await Client.GetRun(run)).Status;
}
