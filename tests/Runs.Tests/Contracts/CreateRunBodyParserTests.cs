using System.Text.Json;
using Runs.Contracts;

namespace Runs.Tests.Contracts;

public sealed class CreateRunBodyParserTests
{
    [Fact]
    public void Every_member_of_a_body_is_parsed()
    {
        var (command, errors) = Read(TestData.WithMember(TestData.CreateRunBody, "from_the_future", "{}"));

        Assert.Empty(errors);
        Assert.Equal(
            new CreateRun
            {
                Tenant = "acme",
                RunId = "run_child-7",
                Kind = "agent",
                Owner = TestData.ConversationOwner,
                ParentRunId = "run_root-3",
                Trigger = new RunTrigger { ConversationId = TestData.Conversation, MessageId = TestData.Uuid, ToolCallId = "call_9" },
                ConversationMode = "existing",
                ConversationId = TestData.Conversation,
                Request = new RawJson("""{"agent_id":"writer"}"""),
            },
            command);
    }

    [Fact]
    public void UUIDs_are_converted_to_lower_case()
    {
        var upperCase = TestData.Conversation.ToUpperInvariant();
        var body = TestData.CreateRunBody.Replace(TestData.Conversation, upperCase, StringComparison.Ordinal);

        Assert.Equal(Read(TestData.CreateRunBody).Command, Read(body).Command);
    }

    [Fact]
    public void A_body_without_public_id_gets_the_generated_run_id() =>
        Assert.Equal("run_anonymous", Read(TestData.WithMember(TestData.CreateRunBody, "public_id", null)).Command?.RunId);

    [Theory]
    [InlineData("parent_run_id")]
    [InlineData("trigger")]
    [InlineData("trigger/conversation_id")]
    [InlineData("trigger/message_id")]
    [InlineData("trigger/tool_call_id")]
    public void A_null_member_is_treated_as_absent(string member)
    {
        var (absent, _) = Read(TestData.WithMember(TestData.CreateRunBody, member, null));
        var (isNull, _) = Read(TestData.WithMember(TestData.CreateRunBody, member, "null"));

        Assert.NotNull(isNull);
        Assert.Equal(absent, isNull);
    }

    [Fact]
    public void A_null_conversation_is_treated_as_absent()
    {
        var body = TestData.WithMember(TestData.WithMember(TestData.CreateRunBody, "conversation_id", "null"), "conversation_mode", "null");

        Assert.Empty(Read(body).Errors);
    }

    [Theory]
    [InlineData("kind", null, "is required.")]
    [InlineData("kind", "null", "is required.")]
    [InlineData("kind", "7", "must be a string.")]
    [InlineData("kind", "\"job\"", "must be one of agent, task, workflow, eval.")]
    [InlineData("owner", null, "is required.")]
    [InlineData("owner", "null", "is required.")]
    [InlineData("owner", "[]", "must be an object.")]
    [InlineData("owner/kind", null, "is required.")]
    [InlineData("owner/kind", "true", "must be a string.")]
    [InlineData("owner/id", "7", "must be a string.")]
    [InlineData("request", null, "is required.")]
    [InlineData("request", "null", "is required.")]
    [InlineData("request", "[]", "must be an object.")]
    [InlineData("public_id", "null", "must be a string, or be left out.")]
    [InlineData("public_id", "7", "must be a string.")]
    [InlineData("public_id", "\"\"", "must be 1-128 of A-Z a-z 0-9 _ . : - and not begin with a dot or colon.")]
    [InlineData("parent_run_id", "[]", "must be a string.")]
    [InlineData("parent_run_id", "\"run_child-7\"", "must not be the run itself.")]
    [InlineData("trigger", "\"x\"", "must be an object.")]
    [InlineData("trigger/conversation_id", "7", "must be a string.")]
    [InlineData("trigger/message_id", "\"x\"", "must be a UUID.")]
    [InlineData("trigger/tool_call_id", "{}", "must be a string.")]
    [InlineData("conversation_mode", "7", "must be a string.")]
    [InlineData("conversation_id", "7", "must be a string.")]
    [InlineData("request/agent_id", "7", "must be a string.")]
    public void An_invalid_member_is_reported_once(string member, string? value, string detail)
    {
        var (command, errors) = Read(TestData.WithMember(TestData.CreateRunBody, member, value));

        Assert.Equal(
            [new ValidationErrorResource($"/{member}", detail)],
            errors.Where(error => member != "owner/id" || error.Pointer != "/conversation_id"));
        Assert.Null(command);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    public void A_body_that_is_not_an_object_is_rejected(string body) =>
        Assert.Equal([new ValidationErrorResource("", "The body must be a JSON object.")], Read(body).Errors);

    [Fact]
    public void All_validation_errors_are_reported_together() => Assert.Equal(
        ["/conversation_mode", "/kind", "/owner/id", "/owner/kind", "/parent_run_id", "/public_id", "/request", "/trigger/message_id"],
        Read("""
            {"kind":"job","owner":{"kind":"team","id":"x"},"public_id":null,"parent_run_id":"a b",
             "trigger":{"message_id":"m"},"conversation_mode":1}
            """).Errors.Select(error => error.Pointer).Order(StringComparer.Ordinal));

    [Fact]
    public void Errors_of_the_request_and_of_the_body_are_reported_together() => Assert.Equal(
        ["/owner/id", "/request/target", "/request/timeout_seconds"],
        Read("""{"kind":"task","owner":{"kind":"project","id":7},"request":{"timeout_seconds":0}}""")
            .Errors.Select(error => error.Pointer));

    private static (CreateRun? Command, IReadOnlyList<ValidationErrorResource> Errors) Read(string body)
    {
        var parsed = CreateRunBodyParser.Parse(JsonElement.Parse(body), "acme", "run_anonymous");
        return (parsed.Value, parsed.GetErrors());
    }
}
