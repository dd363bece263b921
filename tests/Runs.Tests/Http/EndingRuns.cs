using System.Text.Json;
using Runs.Contracts;

namespace Runs.Tests.Http;

public sealed class EndingRunsEmbedded(EmbeddedStack stack) : EndingRuns<EmbeddedStack>(stack);

public abstract class EndingRuns<TStack>(TStack stack) : IClassFixture<TStack>
    where TStack : Stack
{
    private HttpClient Client => stack.Client;

    [Fact]
    public async Task A_cancel_ends_the_run_and_a_second_one_changes_nothing()
    {
        var id = await NewTask();

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
    public async Task A_cancel_reaches_every_descendant_that_has_not_ended_and_nobody_else()
    {
        var (bystander, root, left, right, below) = (await NewTask(), await NewTask(), Calls.NewId(), Calls.NewId(), Calls.NewId());
        await Client.Create(Calls.Task(left).With("parent_run_id", root));
        await Client.Create(Calls.Task(right).With("parent_run_id", root));
        await Client.Create(Calls.Task(below).With("parent_run_id", left));
        await Client.Post($"/runs/{left}/complete", new { status = "completed" }); // the tree below an ended run is still a tree

        await Client.Post($"/runs/{root}/cancel");

        await Eventually.Succeeds(async () =>
        {
            Assert.Equal("cancelled", await StatusOf(right));
            Assert.Equal("cancelled", await StatusOf(below));
        });
        Assert.Equal("completed", await StatusOf(left));
        Assert.Equal("pending", await StatusOf(bystander));
    }

    [Fact]
    public async Task A_run_too_large_for_a_message_is_answered_completely()
    {
        var id = Calls.NewId();
        var create = Calls.Task(id, new { target = "task:t", config = new { text = new string('c', 9_400_000) } });
        await Client.Create(create);

        // JSON escapes each of these characters with six others: with the config, the answer is larger than what RabbitMQ takes, which the command is not.
        var completed = await UntilAnswered(() => Client.Post($"/runs/{id}/complete", $$"""{"status":"completed","output":1,"logs":"{{new string('\u007f', 1_200_000)}}"}"""));
        var cancelled = await UntilAnswered(() => Client.Post($"/runs/{id}/cancel"));
        var again = await UntilAnswered(() => Client.Post("/runs", create));

        Assert.Equal([200, 200, 202], new[] { completed.Status, cancelled.Status, again.Status });
        Assert.True(completed["completed"].GetBoolean());
        Assert.False(cancelled["cancelled"].GetBoolean());
        Assert.True(again["duplicate"].GetBoolean());
        var run = (await Client.Read($"/runs/{id}")).Body.GetRawText();
        Assert.All([completed, cancelled, again], answer => Assert.Equal(run, answer["run"].GetRawText()));
    }

    [Fact]
    public async Task A_completed_run_keeps_what_its_executor_told()
    {
        var id = await NewTask();

        var completed = await Client.Post($"/runs/{id}/complete", """
            {"status":"completed","metadata":{"model":"m","inputTokens":3},"output":{"ok":[1.0,null]},"logs":"line\n","artifacts":[{"path":"a"}],
             "exit_code":0,"duration_ms":1234,"unknown":true}
            """);

        Assert.True(completed["completed"].GetBoolean(), completed.ToString());
        var run = (await Client.Read($"/runs/{id}")).Body;
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
    public async Task A_failure_has_a_text_and_no_code_member_when_none_is_known()
    {
        var (named, unnamed) = (await NewTask(), await NewTask());

        var withCode = await Client.Post($"/runs/{named}/complete", new { status = "failed", terminal_error_code = "STREAM_ERROR", terminal_error_message = "It broke.", metadata = (object?)null });
        var without = await Client.Post($"/runs/{unnamed}/complete", new { status = "failed", terminal_error_code = (string?)null });

        Assert.Equal("""{"message":"It broke.","code":"STREAM_ERROR"}""", withCode["run"].GetProperty("error").GetRawText());
        Assert.NotEmpty(without["run"].GetProperty("error").GetProperty("message").GetString()!);
        Assert.False(without["run"].GetProperty("error").TryGetProperty("code", out _));
    }

    [Fact]
    public async Task The_first_outcome_stands()
    {
        var id = await NewTask();
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
    public async Task Of_a_racing_cancel_and_complete_one_wins_and_both_callers_are_told_the_truth()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            var id = await NewTask();

            var cancel = Client.Post($"/runs/{id}/cancel");
            var complete = Client.Post($"/runs/{id}/complete", new { status = "completed" });
            var (cancelled, completed) = ((await cancel)["cancelled"].GetBoolean(), (await complete)["completed"].GetBoolean());

            Assert.True(cancelled ^ completed);
            Assert.Equal(cancelled ? "cancelled" : "completed", await StatusOf(id));
        }));
    }

    [Fact]
    public async Task A_run_that_does_not_exist_cannot_be_ended()
    {
        (await Client.Post($"/runs/{Calls.NewId()}/cancel")).IsProblem(404);
        (await Client.Post($"/runs/{Calls.NewId()}/complete", new { status = "completed" })).IsProblem(404);
    }

    [Fact]
    public async Task Another_tenant_can_neither_see_nor_end_the_run()
    {
        var id = await NewTask();
        using var other = stack.Caller("vf_other_s_e_cret");

        (await other.Read($"/runs/{id}")).IsProblem(404);
        (await other.Post($"/runs/{id}/cancel")).IsProblem(404);
        Assert.Equal("pending", await StatusOf(id));
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
    public async Task A_wrong_outcome_is_refused_and_changes_nothing(string body, string at)
    {
        var id = await NewTask();

        (await Client.Post($"/runs/{id}/complete", body)).IsProblem(400, null, at);

        Assert.Equal("pending", await StatusOf(id));
    }

    [Fact]
    public async Task Executors_move_a_run_through_its_life_by_messages_and_nothing_stays_untold()
    {
        var id = await NewTask();
        await stack.Bus.Publish(new StartRun { Tenant = "dev", RunId = id });
        await Eventually.Succeeds(async () => Assert.Equal("running", await StatusOf(id)));
        await stack.Bus.Publish(new WaitRun { Tenant = "dev", RunId = id, Reason = "tool", ToolCallId = "call_1", ToolName = "ask" });
        await Eventually.Succeeds(async () => Assert.Equal("waiting", await StatusOf(id)));
        Assert.Equal("tool", (await Client.Read($"/runs/{id}"))["waiting_reason"].GetString());
        await stack.Bus.Publish(new ResumeRun { Tenant = "dev", RunId = id, ToolCallId = "call_1", Result = new RawJson("42") });
        await Eventually.Succeeds(async () => Assert.Equal("running", await StatusOf(id)));

        await stack.Bus.Publish(new CompleteRun { Tenant = "dev", RunId = id, Status = "completed" });

        await Eventually.Succeeds(async () => Assert.Equal("completed", await StatusOf(id)));
        await Eventually.Succeeds(async () => Assert.Empty((await stack.Store.Find(RunKey.Of("dev", id), default))!.Outbox));
    }

    [Fact]
    public async Task A_run_that_exceeds_its_time_fails_by_itself()
    {
        var id = Calls.NewId();
        await Client.Create(Calls.Task(id, new { target = "task:t", timeout_seconds = 1 }));

        await stack.Bus.Publish(new StartRun { Tenant = "dev", RunId = id });

        await Eventually.Succeeds(async () => Assert.Equal("failed", await StatusOf(id)));
        Assert.Equal("TIMEOUT", (await Client.Read($"/runs/{id}"))["error"].GetProperty("code").GetString());
    }

    // So much JSON can take longer than an answer is waited for, where other tests use the processors.
    private static async Task<Answer> UntilAnswered(Func<Task<Answer>> ask)
    {
        var answer = await ask();
        for (var i = 0; i < 5 && answer.Status == 504; i++)
        {
            answer = await ask();
        }

        return answer;
    }

    private async Task<string> NewTask() =>
        (await Client.Create(Calls.Task())).GetProperty("run").GetProperty("run_id").GetString()!;

    private async Task<string?> StatusOf(string id) => (await Client.Read($"/runs/{id}"))["status"].GetString();
}
