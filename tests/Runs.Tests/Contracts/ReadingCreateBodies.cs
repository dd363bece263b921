using System.Text.Json;
using Runs.Api;
using Runs.Contracts;

namespace Runs.Tests.Contracts;

public sealed class ReadingCreateBodies
{
    [Fact]
    public void A_body_is_read_whole()
    {
        var (command, request, errors) = Read(Some.With(Some.Body, "from_the_future", "{}"));

        Assert.Empty(errors);
        Assert.Equal("writer", request?.AgentId);
        Assert.Equal(
            new CreateRun
            {
                Tenant = "acme",
                RunId = "run_child-7",
                Kind = "agent",
                Owner = Some.ConversationOwner,
                ParentRunId = "run_root-3",
                Trigger = new RunTrigger { ConversationId = Some.Conversation, MessageId = Some.Uuid, ToolCallId = "call_9" },
                ConversationMode = "existing",
                ConversationId = Some.Conversation,
                Request = new RawJson("""{"agent_id":"writer"}"""),
            },
            command);
    }

    [Fact]
    public void Uuids_are_read_in_lower_case() =>
        Assert.Equal(Read(Some.Body).Command, Read(Some.Body.Replace(Some.Conversation, Some.Conversation.ToUpperInvariant(), StringComparison.Ordinal)).Command);

    [Fact]
    public void A_run_without_public_id_gets_the_anonymous_one() =>
        Assert.Equal("run_anonymous", Read(Some.With(Some.Body, "public_id", null)).Command?.RunId);

    [Theory]
    [InlineData("parent_run_id")]
    [InlineData("trigger")]
    [InlineData("trigger/conversation_id")]
    [InlineData("trigger/message_id")]
    [InlineData("trigger/tool_call_id")]
    public void A_null_is_an_absent_member(string member) =>
        Assert.Equal(Read(Some.With(Some.Body, member, null)).Command, Assert.IsType<CreateRun>(Read(Some.With(Some.Body, member, "null")).Command));

    [Fact]
    public void A_null_conversation_is_an_absent_one()
    {
        var body = Some.With(Some.With(Some.Body, "conversation_id", "null"), "conversation_mode", "null");

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
    public void A_wrong_member_is_named_once(string member, string? value, string detail)
    {
        var (command, request, errors) = Read(Some.With(Some.Body, member, value));

        Assert.Equal([new InvalidMember($"/{member}", detail)], errors.Where(error => member != "owner/id" || error.Pointer != "/conversation_id"));
        Assert.Null(command);
        Assert.Null(request);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    public void A_body_is_an_object(string body) => Assert.Equal([new InvalidMember("", "The body must be a JSON object.")], Read(body).Errors);

    [Fact]
    public void All_that_is_wrong_is_said_at_once() => Assert.Equal(
        ["/conversation_mode", "/kind", "/owner/id", "/owner/kind", "/parent_run_id", "/public_id", "/request", "/trigger/message_id"],
        Read("""
            {"kind":"job","owner":{"kind":"team","id":"x"},"public_id":null,"parent_run_id":"a b","trigger":{"message_id":"m"},"conversation_mode":1}
            """).Errors.Select(error => error.Pointer).Order(StringComparer.Ordinal));

    [Fact]
    public void What_is_in_the_request_is_said_together_with_what_is_around_it() => Assert.Equal(
        ["/owner/id", "/request/target", "/request/timeout_seconds"],
        Read("""{"kind":"task","owner":{"kind":"project","id":7},"request":{"timeout_seconds":0}}""").Errors.Select(error => error.Pointer));

    private static (CreateRun? Command, RunRequest? Request, IReadOnlyList<InvalidMember> Errors) Read(string body) =>
        CreateRunBody.Read(JsonElement.Parse(body), "acme", "run_anonymous");
}
