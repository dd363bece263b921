using System.Text.Json;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Http;

public sealed class EmbeddedFinishRunTests(EmbeddedApplication application) : FinishRunTests<EmbeddedApplication>(application);

public abstract class FinishRunTests<TApplication>(TApplication application) : IClassFixture<TApplication>
    where TApplication : RunsApplication
{
    private HttpClient Client => application.Client;

    [Fact]
    public async Task A_cancel_finishes_the_run_and_a_second_cancel_changes_nothing()
    {
        var id = await CreateTask();

        var first = await Client.Post($"/runs/{id}/cancel");
        var second = await Client.Post($"/runs/{id}/cancel", "");

        Assert.True(first["cancelled"].GetBoolean());
        Assert.Equal("cancelled", first["run"].GetProperty("status").GetString());
        Assert.Equal(1, first["run"].GetProperty("exit_code").GetInt32());
        Assert.Equal(JsonValueKind.Null, first["run"].GetProperty("started_at").ValueKind);
        Assert.False(second["cancelled"].GetBoolean());
        Assert.Equal(first["run"].GetRawText(), second["run"].GetRawText());
    }

    [Fact]
    public async Task A_cancel_cancels_all_active_descendants_and_no_other_run()
    {
        var (bystander, root, left, right, below) = (await CreateTask(), await CreateTask(), TestRequests.NewId(), TestRequests.NewId(), TestRequests.NewId());
        await Client.Create(TestRequests.TaskBody(left).With("parent_run_id", root));
        await Client.Create(TestRequests.TaskBody(right).With("parent_run_id", root));
        await Client.Create(TestRequests.TaskBody(below).With("parent_run_id", left));
        await Client.Post($"/runs/{left}/complete", new { status = "completed" }); // the tree below an ended run is still a tree

        await Client.Post($"/runs/{root}/cancel");

        await Eventually.Succeeds(async () =>
        {
            Assert.Equal("cancelled", await GetStatus(right));
            Assert.Equal("cancelled", await GetStatus(below));
        });
        Assert.Equal("completed", await GetStatus(left));
        Assert.Equal("pending", await GetStatus(bystander));
    }

    [Fact]
    public async Task A_run_larger_than_a_message_is_returned_completely_over_HTTP()
    {
        var id = TestRequests.NewId();
        var create = TestRequests.TaskBody(id, new { target = "task:t", config = new { text = new string('c', 9_400_000) } });
        await Client.Create(create);

        // JSON escapes each of these characters with six others: with the config, the answer is larger than what RabbitMQ takes, which the command is not.
        var completed = await RetryUntilAnswered(() => Client.Post($"/runs/{id}/complete", $$"""{"status":"completed","output":1,"logs":"{{new string('\u007f', 1_200_000)}}"}"""));
        var cancelled = await RetryUntilAnswered(() => Client.Post($"/runs/{id}/cancel"));
        var again = await RetryUntilAnswered(() => Client.Post("/runs", create));

        Assert.Equal([200, 200, 202], new[] { completed.Status, cancelled.Status, again.Status });
        Assert.True(completed["completed"].GetBoolean());
        Assert.False(cancelled["cancelled"].GetBoolean());
        Assert.True(again["duplicate"].GetBoolean());
        var run = (await Client.Get($"/runs/{id}")).Body.GetRawText();
        Assert.All([completed, cancelled, again], answer => Assert.Equal(run, answer["run"].GetRawText()));
    }

    [Fact]
    public async Task A_completed_run_stores_the_outcome_of_its_executor()
    {
        var id = await CreateTask();

        var completed = await Client.Post($"/runs/{id}/complete", """
            {"status":"completed","metadata":{"model":"m","inputTokens":3},"output":{"ok":[1.0,null]},"logs":"line\n","artifacts":[{"path":"a"}],
             "exit_code":0,"duration_ms":1234,"unknown":true}
            """);

        Assert.True(completed["completed"].GetBoolean(), completed.ToString());
        var run = (await Client.Get($"/runs/{id}")).Body;
        Assert.Equal("completed", run.GetProperty("status").GetString());
        Assert.Equal("""{"ok":[1.0,null]}""", run.GetProperty("output").GetRawText());
        Assert.Equal("m", run.GetProperty("metadata").GetProperty("model").GetString());
        Assert.Equal("line\n", run.GetProperty("logs").GetString());
        Assert.Equal("""[{"path":"a"}]""", run.GetProperty("artifacts").GetRawText());
        Assert.Equal(1234, run.GetProperty("duration_ms").GetInt64());
        Assert.Equal(0, run.GetProperty("exit_code").GetInt32());
        Assert.Equal(JsonValueKind.String, run.GetProperty("started_at").ValueKind);
        Assert.Equal(JsonValueKind.String, run.GetProperty("completed_at").ValueKind);
    }

    [Fact]
    public async Task A_failure_without_a_code_has_a_message_and_no_code_member()
    {
        var (named, unnamed) = (await CreateTask(), await CreateTask());

        var withCode = await Client.Post($"/runs/{named}/complete", new { status = "failed", terminal_error_code = "STREAM_ERROR", terminal_error_message = "It broke.", metadata = (object?)null });
        var without = await Client.Post($"/runs/{unnamed}/complete", new { status = "failed", terminal_error_code = (string?)null });

        Assert.Equal("""{"message":"It broke.","code":"STREAM_ERROR"}""", withCode["run"].GetProperty("error").GetRawText());
        Assert.NotEmpty(without["run"].GetProperty("error").GetProperty("message").GetString()!);
        Assert.False(without["run"].GetProperty("error").TryGetProperty("code", out _));
    }

    [Fact]
    public async Task The_first_outcome_is_kept()
    {
        var id = await CreateTask();
        var first = await Client.Post($"/runs/{id}/complete", new { status = "completed", output = 1 });

        var same = await Client.Post($"/runs/{id}/complete", new { status = "completed", output = 2 });
        var other = await Client.Post($"/runs/{id}/complete", new { status = "failed" });
        var cancel = await Client.Post($"/runs/{id}/cancel");

        Assert.True(same["completed"].GetBoolean());
        Assert.False(other["completed"].GetBoolean());
        Assert.False(cancel["cancelled"].GetBoolean());
        Assert.All([same, other, cancel], answer => Assert.Equal(first["run"].GetRawText(), answer["run"].GetRawText()));
    }

    [Fact]
    public async Task A_concurrent_cancel_and_complete_have_one_winner_and_both_responses_report_it()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            var id = await CreateTask();

            var cancel = Client.Post($"/runs/{id}/cancel");
            var complete = Client.Post($"/runs/{id}/complete", new { status = "completed" });
            var (cancelled, completed) = ((await cancel)["cancelled"].GetBoolean(), (await complete)["completed"].GetBoolean());

            Assert.True(cancelled ^ completed);
            Assert.Equal(cancelled ? "cancelled" : "completed", await GetStatus(id));
        }));
    }

    [Fact]
    public async Task An_unknown_run_cannot_be_finished()
    {
        (await Client.Post($"/runs/{TestRequests.NewId()}/cancel")).AssertProblem(404);
        (await Client.Post($"/runs/{TestRequests.NewId()}/complete", new { status = "completed" })).AssertProblem(404);
    }

    [Fact]
    public async Task Another_tenant_can_neither_read_nor_finish_the_run()
    {
        var id = await CreateTask();
        using var other = application.CreateClient("vf_other_s_e_cret");

        (await other.Get($"/runs/{id}")).AssertProblem(404);
        (await other.Post($"/runs/{id}/cancel")).AssertProblem(404);
        Assert.Equal("pending", await GetStatus(id));
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
    public async Task An_invalid_outcome_is_rejected_and_changes_nothing(string body, string at)
    {
        var id = await CreateTask();

        (await Client.Post($"/runs/{id}/complete", body)).AssertProblem(400, null, at);

        Assert.Equal("pending", await GetStatus(id));
    }

    [Fact]
    public async Task Executor_messages_drive_a_run_to_its_end_and_every_outbox_message_is_dispatched()
    {
        var id = await CreateTask();
        await application.Bus.Publish(new StartRun { Tenant = "dev", RunId = id });
        await Eventually.Succeeds(async () => Assert.Equal("running", await GetStatus(id)));
        await application.Bus.Publish(new WaitRun { Tenant = "dev", RunId = id, Reason = "tool", ToolCallId = "call_1", ToolName = "ask" });
        await Eventually.Succeeds(async () => Assert.Equal("waiting", await GetStatus(id)));
        Assert.Equal("tool", (await Client.Get($"/runs/{id}"))["waiting_reason"].GetString());
        await application.Bus.Publish(new ResumeRun { Tenant = "dev", RunId = id, ToolCallId = "call_1", Result = new RawJson("42") });
        await Eventually.Succeeds(async () => Assert.Equal("running", await GetStatus(id)));

        await application.Bus.Publish(new CompleteRun { Tenant = "dev", RunId = id, Status = "completed" });

        await Eventually.Succeeds(async () => Assert.Equal("completed", await GetStatus(id)));
        await Eventually.Succeeds(async () => Assert.Empty((await application.Store.Find(RunIds.ForRun("dev", id), default))!.Outbox));
    }

    [Fact]
    public async Task A_run_that_exceeds_its_timeout_fails()
    {
        var id = TestRequests.NewId();
        await Client.Create(TestRequests.TaskBody(id, new { target = "task:t", timeout_seconds = 1 }));

        await application.Bus.Publish(new StartRun { Tenant = "dev", RunId = id });

        await Eventually.Succeeds(async () => Assert.Equal("failed", await GetStatus(id)));
        Assert.Equal("TIMEOUT", (await Client.Get($"/runs/{id}"))["error"].GetProperty("code").GetString());
    }

    // So much JSON can take longer than an answer is waited for, where other tests use the processors.
    private static async Task<ApiResponse> RetryUntilAnswered(Func<Task<ApiResponse>> ask)
    {
        var answer = await ask();
        for (var i = 0; i < 5 && answer.Status == 504; i++)
        {
            answer = await ask();
        }

        return answer;
    }

    private async Task<string> CreateTask() =>
        (await Client.Create(TestRequests.TaskBody())).GetProperty("run").GetProperty("run_id").GetString()!;

    private async Task<string?> GetStatus(string id) => (await Client.Get($"/runs/{id}"))["status"].GetString();
}
