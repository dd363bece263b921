using Runs.Contracts;

namespace Runs.Tests.Contracts;

public sealed class CommandValidatorTests
{
    private const string KeyDetail = "must be 1-128 characters, none of them a control character.";

    private const string NameDetail = "must be 1-255 characters, none of them a control character.";
    private const string LargeJson = "must not be larger than 64 KB without white space, or 1 MB with it.";

    private static readonly StartRun Start = new() { Tenant = "acme", RunId = "run_1" };
    private static readonly InputForm Form = new() { RequestedResponderType = "human", Title = "Which one?", Fields = new RawJson("""[{"name":"one"}]""") };
    private static readonly CompleteRun Complete = new() { Tenant = "acme", RunId = "run_1", Status = "completed" };
    private static readonly WaitRun Wait = new() { Tenant = "acme", RunId = "run_1", Reason = "approval" };
    private static readonly ResumeRun Resume = new() { Tenant = "acme", RunId = "run_1" };

    private static readonly WaitRun WaitWithForm = Wait with { Reason = "input", ToolCallId = "call", InputRequest = Form };
    private static readonly ResumeRun ResumeWithResponder = Resume with { ToolCallId = "call", Result = new RawJson("{}"), Responder = new InputResponder { ActorType = "human" } };

    public static TheoryData<object> ValidCommands =>
    [
        Start,
        Start with { Event = new RawJson("""{"type":"RUN_STARTED","elapsedMs":0.5,"emittedAt":1}""") },
        WaitWithForm,
        WaitWithForm with { InputRequest = Form with { Title = new string('t', 1000), Description = new string('d', 20_000), Fields = new RawJson($"[{string.Join(',', Enumerable.Repeat("1", 100))}]"), Metadata = new RawJson("{}") } },
        ResumeWithResponder with { Result = new RawJson("""{"a":"","b":1e400,"c":true,"d":null}""") },
        ResumeWithResponder with { Result = RawJson.Null, IsError = true, Responder = new InputResponder { ActorType = "system", ActorId = new string('a', 255) } },
        new CancelRun { Tenant = "acme", RunId = "run_1" },
        Wait,
        Wait with { Reason = "event" },
        Wait with { Reason = "input" },
        Wait with { Reason = "tool", ToolCallId = new string('t', 255), ToolName = new string('n', 255) },
        Resume,
        Resume with { ToolCallId = "call", Result = new RawJson($"\"{new string('x', (64 * 1024) - 2)}\""), IsError = true },
        Resume with { Result = new RawJson($"[{new string(' ', 64 * 1024)}]") },
        Complete,
        Complete with { Status = "failed", TerminalErrorCode = "", TerminalErrorMessage = new string('m', 65_536) },
        Complete with { Status = "cancelled", Metadata = RawJson.Null, Artifacts = RawJson.Null, Output = RawJson.Null },
        Complete with { Metadata = new RawJson(" {}"), Artifacts = new RawJson("\n[]"), Output = new RawJson("\"\\u20ac\""), ExitCode = -1, DurationMs = 0 },
        Complete with { Logs = new string('l', 4 * 1024 * 1024) },
        Complete with { Output = new RawJson($"\"{new string('o', (5 * 1024 * 1024) - 2)}\"") },
    ];

    [Theory]
    [MemberData(nameof(ValidCommands))]
    public void A_valid_command_has_no_errors(object command) => Assert.Empty(Validate(command));

    /// <summary>Pointer, complaint, and the command with nothing else wrong.</summary>
    public static TheoryData<string, string, object> InvalidCommands => new()
    {
        { "/tenant", "is required.", new StartRun { Tenant = null!, RunId = "run_1" } },
        { "/tenant", KeyDetail, new CancelRun { Tenant = "", RunId = "run_1" } },
        { "/run_id", "is required.", new CancelRun { Tenant = "acme", RunId = null! } },
        { "/run_id", "must be 1-128 of A-Z a-z 0-9 _ . : - and not begin with a dot or colon.", new StartRun { Tenant = "acme", RunId = "a/b" } },
        { "/tenant", KeyDetail, Wait with { Tenant = "" } },
        { "/tenant", KeyDetail, Resume with { Tenant = "" } },
        { "/tenant", KeyDetail, Complete with { Tenant = "" } },
        { "/reason", "is required.", Wait with { Reason = null! } },
        { "/reason", "must be one of tool, approval, event, input.", Wait with { Reason = "sleep" } },
        { "/tool_call_id", "is required with reason tool.", Wait with { Reason = "tool" } },
        { "/event", "must be an object.", Start with { Event = new RawJson("[]") } },
        { "/event/type", "must be RUN_STARTED.", Start with { Event = new RawJson("""{"type":"CUSTOM"}""") } },
        { "", "Agent run event payload must be less than 256 KB", Start with { Event = new RawJson($$"""{"type":"RUN_STARTED","x":"{{new string('x', 256 * 1024)}}"}""") } },
        { "/tool_call_id", NameDetail, Wait with { Reason = "tool", ToolCallId = "" } },
        { "/tool_call_id", NameDetail, Wait with { ToolCallId = new string('t', 256) } },
        { "/tool_call_id", "is required with an input request.", WaitWithForm with { ToolCallId = null } },
        { "/reason", "must be input with an input request.", WaitWithForm with { Reason = "tool" } },
        { "/input_request/requested_responder_type", "must be one of human, agent, system.", WaitWithForm with { InputRequest = Form with { RequestedResponderType = "dog" } } },
        { "/input_request/requested_responder_type", "is required.", WaitWithForm with { InputRequest = Form with { RequestedResponderType = null! } } },
        { "/input_request/title", "is required.", WaitWithForm with { InputRequest = Form with { Title = null! } } },
        { "/input_request/title", "must be 1-1000 characters, none of them a control character.", WaitWithForm with { InputRequest = Form with { Title = new string('t', 1001) } } },
        { "/input_request/description", "must not be longer than 20000 characters.", WaitWithForm with { InputRequest = Form with { Description = new string('d', 20_001) } } },
        { "/input_request/fields", "is required.", WaitWithForm with { InputRequest = Form with { Fields = default } } },
        { "/input_request/fields", "must be an array of 1-100 fields.", WaitWithForm with { InputRequest = Form with { Fields = new RawJson("[]") } } },
        { "/input_request/fields", "must be an array of 1-100 fields.", WaitWithForm with { InputRequest = Form with { Fields = new RawJson($"[{string.Join(',', Enumerable.Repeat("1", 101))}]") } } },
        { "/input_request/fields", LargeJson, WaitWithForm with { InputRequest = Form with { Fields = new RawJson($"[\"{new string('x', 64 * 1024)}\"]") } } },
        { "/input_request/fields", LargeJson, WaitWithForm with { InputRequest = Form with { Fields = new RawJson($"[1{new string(' ', 1024 * 1024)}]") } } },
        { "/input_request/metadata", "must be an object or null.", WaitWithForm with { InputRequest = Form with { Metadata = new RawJson("[]") } } },
        { "/input_request/metadata", LargeJson, WaitWithForm with { InputRequest = Form with { Metadata = new RawJson($$"""{"x":"{{new string('x', 64 * 1024)}}"}""") } } },
        { "/actor/type", "must be one of user, key, worker, service, system.", ResumeWithResponder with { Actor = new Actor { Type = "dog" } } },
        { "/actor/type", "is required.", ResumeWithResponder with { Actor = new Actor { Type = null! } } },
        { "/actor/id", NameDetail, ResumeWithResponder with { Actor = new Actor { Type = "user", Id = "a\nb" } } },
        { "/actor/key_prefix", "must be 1-64 of A-Z a-z 0-9.", ResumeWithResponder with { Actor = new Actor { Type = "key", KeyPrefix = "a_b" } } },
        { "/actor/address", "must be 1-64 characters, none of them a control character.", ResumeWithResponder with { Actor = new Actor { Type = "key", Address = "" } } },
        { "/trace_id", "must be 1-64 characters, none of them a control character.", ResumeWithResponder with { TraceId = new string('x', 65) } },
        { "/responder/actor_type", "must be one of human, agent, system.", ResumeWithResponder with { Responder = new InputResponder { ActorType = "dog" } } },
        { "/responder/actor_type", "is required.", ResumeWithResponder with { Responder = new InputResponder { ActorType = null! } } },
        { "/responder/actor_id", NameDetail, ResumeWithResponder with { Responder = new InputResponder { ActorType = "human", ActorId = "" } } },
        { "/tool_call_id", "is required with a responder.", ResumeWithResponder with { ToolCallId = null } },
        { "/result", "must be an object.", ResumeWithResponder with { Result = new RawJson("[]") } },
        { "/result", "must contain strings, numbers, booleans and nulls only.", ResumeWithResponder with { Result = new RawJson("""{"a":[]}""") } },
        { "/result", "must be null when the input request is cancelled.", ResumeWithResponder with { IsError = true } },
        { "/tool_name", "must be 1-255 characters, none of them a control character.", Wait with { ToolName = new string('t', 256) } },
        { "/tool_call_id", NameDetail, Resume with { ToolCallId = "a\nb" } },
        { "/result", "is required.", Resume with { Result = default } },
        { "/result", LargeJson, Resume with { Result = new RawJson($"\"{new string('x', (64 * 1024) - 1)}\"") } },
        { "/result", LargeJson, Resume with { Result = new RawJson($"\"{new string('\u20ac', 22_000)}\"") } },
        { "/result", LargeJson, Resume with { Result = new RawJson($"{new string(' ', 1024 * 1024)}1") } },
        { "/result/a", "must be well-formed Unicode, without halves of surrogate pairs.", Resume with { Result = new RawJson("""{"a":"\ud83d"}""") } },
        { "/result", "must be JSON of at most 64 levels, without a member name twice in an object.", Resume with { Result = new RawJson("""{"a":1,"a":2}""") } },
        { "/status", "is required.", Complete with { Status = null! } },
        { "/status", "must be one of completed, failed, cancelled.", Complete with { Status = "running" } },
        { "/metadata", "must be an object or null.", Complete with { Metadata = new RawJson("[]") } },
        { "/metadata/a", "must be well-formed Unicode, without halves of surrogate pairs.", Complete with { Metadata = new RawJson("""{"a":"\udc00"}""") } },
        { "/artifacts", "must be an array or null.", Complete with { Artifacts = new RawJson("{}") } },
        { "/artifacts/0", "must be well-formed Unicode, without halves of surrogate pairs.", Complete with { Artifacts = new RawJson("""["\udc00"]""") } },
        { "/output", "must be well-formed Unicode, without halves of surrogate pairs.", Complete with { Output = new RawJson("\"\\ud800\"") } },
        { "/terminal_error_code", "must not be longer than 255 characters.", Complete with { TerminalErrorCode = new string('c', 256) } },
        { "/terminal_error_message", "must not be longer than 65536 characters.", Complete with { TerminalErrorMessage = new string('m', 65_537) } },
        { "/duration_ms", "must be 0 or more.", Complete with { DurationMs = -1 } },
        { "/logs", "must not be larger than 4 MB.", Complete with { Logs = new string('l', (4 * 1024 * 1024) + 1) } },
        { "", "Output, logs, artifacts, metadata and error message together must not be larger than 5 MB.", Complete with { Logs = new string('l', 3 * 1024 * 1024), Output = new RawJson($"\"{new string('o', 2 * 1024 * 1024)}\"") } },
    };

    [Theory]
    [MemberData(nameof(InvalidCommands))]
    public void An_invalid_member_is_reported_with_its_rule(string pointer, string detail, object command) =>
        Assert.Equal([new ValidationError(pointer, detail)], Validate(command));

    private static IReadOnlyList<ValidationError> Validate(object command) => command switch
    {
        StartRun start => CommandValidator.Validate(start),
        CancelRun cancel => CommandValidator.Validate(cancel),
        WaitRun wait => CommandValidator.Validate(wait),
        ResumeRun resume => CommandValidator.Validate(resume),
        CompleteRun complete => CommandValidator.Validate(complete),
        _ => throw new ArgumentException("No such command.", nameof(command)),
    };
}
