namespace Runs.Tests.Contracts;

public sealed class RunRequestValidationTests
{
    private const string NameDetail = "must be 1-255 characters, none of them a control character.";

    /// <summary>Kind, member, its value as JSON (absent when null), and the text of the only error.</summary>
    public static TheoryData<string, string, string?, string> InvalidMembers => new()
    {
        { "agent", "agent_id", null, "is required." },
        { "agent", "agent_id", "null", "is required." },
        { "agent", "agent_id", "7", "must be a string." },
        { "agent", "agent_id", "\"\"", "must be 1-256 characters, none of them a control character." },
        { "agent", "agent_id", TestData.QuotedRepeat('a', 257), "must be 1-256 characters, none of them a control character." },
        { "agent", "agent_id", "\"a\\nb\"", "must be 1-256 characters, none of them a control character." },
        { "agent", "agent_id", "\"a\\u0085b\"", "must be 1-256 characters, none of them a control character." },
        { "agent", "mode", "\"chat\"", "must be one of agent." },
        { "agent", "mode", "\"AGENT\"", "must be one of agent." },
        { "agent", "mode", "[]", "must be a string." },
        { "agent", "initial_status", "\"waiting\"", "must be one of pending, running." },
        { "agent", "implementation_kind", "\"\"", "must be 1-64 of A-Z a-z 0-9 _ -." },
        { "agent", "implementation_kind", "\"a.b\"", "must be 1-64 of A-Z a-z 0-9 _ -." },
        { "agent", "implementation_kind", "\"\u00e9\"", "must be 1-64 of A-Z a-z 0-9 _ -." },
        { "agent", "implementation_kind", TestData.QuotedRepeat('a', 65), "must be 1-64 of A-Z a-z 0-9 _ -." },
        { "agent", "worker_key", "\"\"", "must be 1-128 of A-Z a-z 0-9 _ . : -." },
        { "agent", "worker_key", "\"a/b\"", "must be 1-128 of A-Z a-z 0-9 _ . : -." },
        { "agent", "worker_key", TestData.QuotedRepeat('a', 129), "must be 1-128 of A-Z a-z 0-9 _ . : -." },
        { "agent", "source_target_kind", "\"branch\"", "must be one of project, environment, preview_branch, release, main_branch." },
        { "agent", "source_target_kind", "\"production\"", "must be one of project, environment, preview_branch, release, main_branch." },
        { "agent", "source_target_environment_id", "\"x\"", "must be a UUID." },
        { "agent", "source_target_branch_id", "\"x\"", "must be a UUID." },
        { "agent", "source_target_release_version", "\"\"", NameDetail },
        { "agent", "input", "[]", "must be an object." },
        { "agent", "input", "\"{}\"", "must be an object." },
        { "agent", "runtime_target_kind", "\"project\"", "must be one of main_branch, environment, preview_branch." },
        { "agent", "runtime_target_environment_id", "\"x\"", "must be a UUID." },
        { "agent", "runtime_target_branch_id", $"\"{{{TestData.Uuid}}}\"", "must be a UUID." },
        { "agent", "runtime_target_branch_id", $"\" {TestData.Uuid}\"", "must be a UUID." },
        { "agent", "runtime_target_branch_id", $"\"{TestData.Uuid.Replace("-", "", StringComparison.Ordinal)}\"", "must be a UUID." },
        { "agent", "runtime_target_branch_id", "7", "must be a string." },
        { "task", "target", null, "is required." },
        { "task", "target", "\"task:\"", "must be task: and an id." },
        { "task", "target", "\"task\"", "must be task: and an id." },
        { "task", "target", "\"eval:t\"", "must be task: and an id." },
        { "task", "target", "\"Task:t\"", "must be task: and an id." },
        { "task", "target", "\"task:a\\u0000\"", "must be 1-261 characters, none of them a control character." },
        { "task", "target", $"\"task:{new string('a', 257)}\"", "must be 1-261 characters, none of them a control character." },
        { "task", "name", "\"\"", NameDetail },
        { "task", "name", TestData.QuotedRepeat('n', 256), NameDetail },
        { "task", "name", "\"a\\tb\"", NameDetail },
        { "task", "batch_id", "\"batch-1\"", "must be a UUID." },
        { "task", "config", "[]", "must be an object." },
        { "task", "timeout_seconds", "0", "must be a whole number from 1 to 2147483647." },
        { "task", "timeout_seconds", "1.5", "must be a whole number from 1 to 2147483647." },
        { "task", "timeout_seconds", "1.0000000000000000000000000000000000001", "must be a whole number from 1 to 2147483647." },
        { "task", "timeout_seconds", "2147483648", "must be a whole number from 1 to 2147483647." },
        { "task", "timeout_seconds", "1e400", "must be a whole number from 1 to 2147483647." },
        { "task", "timeout_seconds", "\"600\"", "must be a whole number." },
        { "task", "backoff_limit", "-1", "must be a whole number from 0 to 2147483647." },
        { "task", "backoff_limit", "true", "must be a whole number." },
        { "agent", "timeout_seconds", "0", "must be a whole number from 1 to 2147483647." },
        { "eval", "backoff_limit", "-1", "must be a whole number from 0 to 2147483647." },
        { "workflow", "priority", "86401", "must be a whole number from -86400 to 86400." },
        { "task", "priority", "-86401", "must be a whole number from -86400 to 86400." },
        { "task", "start_after", "\"tomorrow\"", "must be a time such as 2026-09-01T02:00:00.000Z." },
        { "task", "start_after", "\"3000-01-01T00:00:00Z\"", "must not be after the year 2999." },
        { "task", "delay_seconds", "-1", "must be a whole number from 0 to 31622400." },
        { "task", "start_within_seconds", "0", "must be a whole number from 1 to 31622400." },
        { "task", "runtime_target_kind", "\"release\"", "must be one of main_branch, environment, preview_branch." },
        { "workflow", "workflow_id", null, "is required." },
        { "workflow", "workflow_id", "\"\"", "must be 1-256 characters, none of them a control character." },
        { "workflow", "target", null, "is required." },
        { "workflow", "target", "\"workflow:other\"", "must be workflow: and the workflow_id." },
        { "workflow", "target", "\"w\"", "must be workflow: and an id." },
        { "workflow", "input", "7", "must be an object." },
        { "workflow", "start_mode", "true", "must be a string." },
        { "workflow", "start_mode", TestData.QuotedRepeat('s', 256), NameDetail },
        { "eval", "target", "\"task:t\"", "must be eval: and an id." },
        { "eval", "input", "[]", "must be an object." },
        { "eval", "config", "[]", "must be an object." },
        { "eval", "start_mode", "\"\"", NameDetail },
    };

    [Theory]
    [MemberData(nameof(InvalidMembers))]
    public void An_invalid_member_is_reported_with_its_rule(string kind, string member, string? value, string detail) =>
        Assert.Equal(
            [new ValidationError($"/request/{member}", detail)],
            TestData.Parse(kind, TestData.WithMember(TestData.MinimalRequest(kind), member, value)).Errors);

    [Theory]
    [InlineData("environment", null, null, "environment_id", "is required with {0} environment.")]
    [InlineData("environment", TestData.Uuid, TestData.Uuid, "branch_id", "is allowed with {0} preview_branch only.")]
    [InlineData("preview_branch", null, null, "branch_id", "is required with {0} preview_branch.")]
    [InlineData("preview_branch", TestData.Uuid, TestData.Uuid, "environment_id", "is allowed with {0} environment only.")]
    [InlineData("main_branch", TestData.Uuid, null, "environment_id", "is allowed with {0} environment only.")]
    [InlineData("main_branch", null, TestData.Uuid, "branch_id", "is allowed with {0} preview_branch only.")]
    [InlineData(null, TestData.Uuid, null, "environment_id", "is allowed with {0} environment only.")]
    [InlineData(null, null, TestData.Uuid, "branch_id", "is allowed with {0} preview_branch only.")]
    public void A_target_requires_the_id_of_its_kind_and_forbids_others(
        string? kind, string? environment, string? branch, string suffix, string detail)
    {
        foreach (var prefix in new[] { "source_target", "runtime_target" })
        {
            var request = TestData.WithMember(TestData.MinimalRequest("agent"), $"{prefix}_kind", Json(kind));
            request = TestData.WithMember(request, $"{prefix}_environment_id", Json(environment));
            request = TestData.WithMember(request, $"{prefix}_branch_id", Json(branch));

            var expected = string.Format(System.Globalization.CultureInfo.InvariantCulture, detail, $"{prefix}_kind");
            Assert.Equal([new ValidationError($"/request/{prefix}_{suffix}", expected)], TestData.Parse("agent", request).Errors);
        }

        static string Json(string? text) => text is null ? "null" : $"\"{text}\"";
    }

    [Theory]
    [InlineData("project")]
    [InlineData(null)]
    public void A_release_version_requires_source_target_kind_release(string? kind)
    {
        var kindJson = kind is null ? "null" : $"\"{kind}\"";
        var request = $$"""{"agent_id":"a","source_target_kind":{{kindJson}},"source_target_release_version":"1.2"}""";

        Assert.Equal(
            [new ValidationError("/request/source_target_release_version", "is allowed with source_target_kind release only.")],
            TestData.Parse("agent", request).Errors);
    }

    [Fact]
    public void An_invalid_target_kind_causes_no_further_errors_for_its_ids()
    {
        var request = $$"""{"target":"task:t","runtime_target_kind":7,"runtime_target_branch_id":"{{TestData.Uuid}}"}""";

        var (_, errors) = TestData.Parse("task", request);

        Assert.Equal(["/request/runtime_target_kind"], errors.Select(error => error.Pointer));
    }

    [Fact]
    public void All_validation_errors_are_reported_together_and_once_per_member()
    {
        var (_, errors) = TestData.Parse("workflow", """
            {"target":"eval:e","input":[],"start_mode":7,
             "runtime_target_kind":"main_branch","runtime_target_branch_id":"x","runtime_target_environment_id":{}}
            """);

        Assert.Equal(
            [
                "/request/input",
                "/request/runtime_target_branch_id",
                "/request/runtime_target_environment_id",
                "/request/start_mode",
                "/request/target",
                "/request/workflow_id",
            ],
            errors.Select(error => error.Pointer).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"x\"")]
    public void A_request_that_is_not_an_object_is_rejected(string request) =>
        Assert.Equal([new ValidationError("/request", "must be an object.")], TestData.Parse("task", request).Errors);

    [Fact]
    public void Errors_do_not_repeat_the_value()
    {
        foreach (var (kind, member) in InvalidMembers.Select(row => ((string)row[0], (string)row[1])))
        {
            var (_, errors) = TestData.Parse(kind, TestData.WithMember(TestData.MinimalRequest(kind), member, "\"s3cret\\u0000\""));

            Assert.DoesNotContain(errors, error => error.Detail.Contains("s3cret", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("agent", 1_999_999, 0)]
    [InlineData("agent", 2_000_000, 1)]
    [InlineData("eval", 2_000_000, 0)]
    public void An_agent_request_of_2_MB_is_rejected_with_the_documented_message(string kind, int size, int errors)
    {
        var empty = TestData.WithMember(TestData.MinimalRequest(kind), "input", """{"x":""}""");
        var request = TestData.WithMember(empty, "input/x", TestData.QuotedRepeat('x', size - empty.Length));

        var all = TestData.Parse(kind, request).Errors;

        Assert.Equal(Enumerable.Repeat(new ValidationError("", "Agent run request snapshot payload must be less than 2 MB"), errors), all);
    }

    [Fact]
    public void White_space_does_not_count_towards_the_agent_request_limit() =>
        Assert.Empty(TestData.Parse("agent", $$"""{"agent_id":"a",{{new string(' ', 2_000_000)}}"input":{} }""").Errors);
}
