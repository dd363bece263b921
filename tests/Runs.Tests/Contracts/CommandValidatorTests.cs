using Runs.Contracts;

namespace Runs.Tests.Contracts;

public sealed class CommandValidatorTests
{
    private const string IdDetail = "must be 1-128 characters, none of them a control character.";
    private const string NameDetail = "must be 1-255 characters, none of them a control character.";
    private const string LargeJson = "must not be larger than 64 KB without white space, or 1 MB with it.";
    private const string IllFormedUnicode = "must be well-formed Unicode, without halves of surrogate pairs.";
    private const string WrongFields = "must be an array of 1-100 fields.";

    private static readonly StartRun Start = new() { Tenant = "acme", RunId = "run_1" };

    private static readonly InputForm Form = new()
    {
        RequestedResponderType = "human",
        Title = "Which one?",
        Fields = Json("""[{"name":"one"}]"""),
    };

    private static readonly CompleteRun Complete = new() { Tenant = "acme", RunId = "run_1", Status = "completed" };
    private static readonly WaitRun Wait = new() { Tenant = "acme", RunId = "run_1", Reason = "approval" };
    private static readonly ResumeRun Resume = new() { Tenant = "acme", RunId = "run_1" };
    private static readonly ReleaseRun Release = new() { Tenant = "acme", RunId = "run_1", Attempt = 1, Reason = "shutdown" };

    private static readonly RenewLease Renewal = new() { Tenant = "acme", RunId = "run_1", WorkerId = "worker", Attempt = 1 };

    private static readonly ClaimRun Claim =
        new() { Tenant = "acme", RunId = "run_1", ClaimId = "0c1d2e3f-aaaa-4222-8333-444455556666", WorkerId = "worker" };

    private static readonly WaitRun WaitWithForm = Wait with { Reason = "input", ToolCallId = "call", InputRequest = Form };

    private static readonly ResumeRun ResumeWithResponder = Resume with
    {
        ToolCallId = "call",
        Result = Json("{}"),
        Responder = new InputResponder { ActorType = "human" },
    };

    public static TheoryData<object> ValidCommands =>
    [
        Start,
        Start with { Event = Json("""{"type":"RUN_STARTED","elapsedMs":0.5,"emittedAt":1}""") },
        WaitWithForm,
        WithForm(Form with
        {
            Title = Repeat('t', 1000),
            Description = Repeat('d', 20_000),
            Fields = CreateFields(100),
            Metadata = Json("{}"),
        }),
        ResumeWithResponder with { Result = Json("""{"a":"","b":1e400,"c":true,"d":null}""") },
        ResumeWithResponder with
        {
            Result = RawJson.Null,
            IsError = true,
            Responder = new InputResponder { ActorType = "system", ActorId = Repeat('a', 255) },
        },
        new CancelRun { Tenant = "acme", RunId = "run_1" },
        Claim,
        Claim with
        {
            WorkerId = Repeat('w', 128),
            InstanceId = Repeat('i', 128),
            WorkerKey = Repeat('k', 128),
            Pool = Repeat('p', 512),
            LeaseSeconds = 5,
        },
        Claim with { LeaseSeconds = 300, Fenced = true },
        Renewal,
        Renewal with { WorkerId = Repeat('w', 128), Attempt = int.MaxValue, LeaseSeconds = 300 },
        Release,
        Release with { Reason = "rejected", Attempt = int.MaxValue },
        Release with { Reason = "unclaimed" },
        Wait with { Attempt = 1, Release = true },
        Complete with { Attempt = 1, Retryable = true, RetryAfterSeconds = 0 },
        Complete with { Attempt = 1, Retryable = false, RetryAfterSeconds = 86_400 },
        Wait,
        Wait with { Reason = "event" },
        Wait with { Reason = "input" },
        Wait with { Reason = "tool", ToolCallId = Repeat('t', 255), ToolName = Repeat('n', 255) },
        Resume,
        Resume with { ToolCallId = "call", Result = Json($"\"{Repeat('x', (64 * 1024) - 2)}\""), IsError = true },
        Resume with { Result = Json($"[{Repeat(' ', 64 * 1024)}]") },
        Complete,
        Complete with { Status = "failed", TerminalErrorCode = "", TerminalErrorMessage = Repeat('m', 65_536) },
        Complete with { Status = "cancelled", Metadata = RawJson.Null, Artifacts = RawJson.Null, Output = RawJson.Null },
        Complete with
        {
            Metadata = Json(" {}"),
            Artifacts = Json("\n[]"),
            Output = Json("\"\\u20ac\""),
            ExitCode = -1,
            DurationMs = 0,
        },
        Complete with { Logs = Repeat('l', 4 * 1024 * 1024) },
        Complete with { Output = Json($"\"{Repeat('o', (5 * 1024 * 1024) - 2)}\"") },
    ];

    [Theory]
    [MemberData(nameof(ValidCommands))]
    public void A_valid_command_has_no_errors(object command) => Assert.Empty(Validate(command));

    /// <summary>The pointer and text of the only error, and the command.</summary>
    public static TheoryData<string, string, object> InvalidCommands => new()
    {
        { "/tenant", "is required.", new StartRun { Tenant = null!, RunId = "run_1" } },
        { "/tenant", IdDetail, new CancelRun { Tenant = "", RunId = "run_1" } },
        { "/run_id", "is required.", new CancelRun { Tenant = "acme", RunId = null! } },
        {
            "/run_id",
            "must be 1-128 of A-Z a-z 0-9 _ . : - and not begin with a dot or colon.",
            new StartRun { Tenant = "acme", RunId = "a/b" }
        },
        { "/tenant", IdDetail, Claim with { Tenant = "" } },
        { "/claim_id", "is required.", Claim with { ClaimId = null! } },
        { "/claim_id", "must be a UUID.", Claim with { ClaimId = "claim" } },
        { "/claim_id", "must be a UUID in lower case.", Claim with { ClaimId = "0C1D2E3F-aaaa-4222-8333-444455556666" } },
        { "/worker_id", "is required.", Claim with { WorkerId = null! } },
        { "/worker_id", IdDetail, Claim with { WorkerId = "" } },
        { "/instance_id", IdDetail, Claim with { InstanceId = "a\nb" } },
        { "/worker_key", IdDetail, Claim with { WorkerKey = Repeat('k', 129) } },
        { "/pool", "must be 1-512 characters, none of them a control character.", Claim with { Pool = "" } },
        { "/lease_seconds", "must be a whole number from 5 to 300.", Claim with { LeaseSeconds = 4 } },
        { "/lease_seconds", "must be a whole number from 5 to 300.", Claim with { LeaseSeconds = 301 } },
        { "/run_id", "is required.", Release with { RunId = null! } },
        { "/run_id", "is required.", Renewal with { RunId = null! } },
        { "/worker_id", "is required.", Renewal with { WorkerId = null! } },
        { "/worker_id", "must be 1-128 characters, none of them a control character.", Renewal with { WorkerId = "" } },
        { "/attempt", "must be a whole number from 1 to 2147483647.", Renewal with { Attempt = 0 } },
        { "/lease_seconds", "must be a whole number from 5 to 300.", Renewal with { LeaseSeconds = 4 } },
        { "/lease_seconds", "must be a whole number from 5 to 300.", Renewal with { LeaseSeconds = 301 } },
        { "/attempt", "must be a whole number from 1 to 2147483647.", Release with { Attempt = 0 } },
        { "/reason", "is required.", Release with { Reason = null! } },
        { "/reason", "must be one of shutdown, rejected, unclaimed.", Release with { Reason = "tired" } },
        { "/attempt", "must be a whole number from 1 to 2147483647.", Wait with { Attempt = 0 } },
        { "/release", "is allowed with an attempt only.", Wait with { Release = true } },
        { "/attempt", "must be a whole number from 1 to 2147483647.", Complete with { Attempt = 0 } },
        { "/retry_after_seconds", "must be a whole number from 0 to 86400.", Complete with { RetryAfterSeconds = 86_401 } },
        { "/tenant", IdDetail, Wait with { Tenant = "" } },
        { "/tenant", IdDetail, Resume with { Tenant = "" } },
        { "/tenant", IdDetail, Complete with { Tenant = "" } },
        { "/reason", "is required.", Wait with { Reason = null! } },
        { "/reason", "must be one of tool, approval, event, input.", Wait with { Reason = "sleep" } },
        { "/tool_call_id", "is required with reason tool.", Wait with { Reason = "tool" } },
        { "/event", "must be an object.", Start with { Event = Json("[]") } },
        { "/event/type", "must be RUN_STARTED.", Start with { Event = Json("""{"type":"CUSTOM"}""") } },
        {
            "",
            "Agent run event payload must be less than 256 KB",
            Start with { Event = Json($$"""{"type":"RUN_STARTED","x":"{{Repeat('x', 256 * 1024)}}"}""") }
        },
        { "/tool_call_id", NameDetail, Wait with { Reason = "tool", ToolCallId = "" } },
        { "/tool_call_id", NameDetail, Wait with { ToolCallId = Repeat('t', 256) } },
        { "/tool_call_id", "is required with an input request.", WaitWithForm with { ToolCallId = null } },
        { "/reason", "must be input with an input request.", WaitWithForm with { Reason = "tool" } },
        {
            "/input_request/requested_responder_type",
            "must be one of human, agent, system.",
            WithForm(Form with { RequestedResponderType = "dog" })
        },
        { "/input_request/requested_responder_type", "is required.", WithForm(Form with { RequestedResponderType = null! }) },
        { "/input_request/title", "is required.", WithForm(Form with { Title = null! }) },
        {
            "/input_request/title",
            "must be 1-1000 characters, none of them a control character.",
            WithForm(Form with { Title = Repeat('t', 1001) })
        },
        {
            "/input_request/description",
            "must not be longer than 20000 characters.",
            WithForm(Form with { Description = Repeat('d', 20_001) })
        },
        { "/input_request/fields", "is required.", WithForm(Form with { Fields = default }) },
        { "/input_request/fields", WrongFields, WithForm(Form with { Fields = Json("[]") }) },
        { "/input_request/fields", WrongFields, WithForm(Form with { Fields = CreateFields(101) }) },
        { "/input_request/fields", LargeJson, WithForm(Form with { Fields = Json($"[\"{Repeat('x', 64 * 1024)}\"]") }) },
        { "/input_request/fields", LargeJson, WithForm(Form with { Fields = Json($"[1{Repeat(' ', 1024 * 1024)}]") }) },
        { "/input_request/metadata", "must be an object or null.", WithForm(Form with { Metadata = Json("[]") }) },
        { "/input_request/metadata", LargeJson, WithForm(Form with { Metadata = Json($$"""{"x":"{{Repeat('x', 64 * 1024)}}"}""") }) },
        {
            "/actor/type",
            "must be one of user, key, worker, service, system.",
            ResumeWithResponder with { Actor = new Actor { Type = "dog" } }
        },
        { "/actor/type", "is required.", ResumeWithResponder with { Actor = new Actor { Type = null! } } },
        { "/actor/id", NameDetail, ResumeWithResponder with { Actor = new Actor { Type = "user", Id = "a\nb" } } },
        {
            "/actor/key_prefix",
            "must be 1-64 of A-Z a-z 0-9.",
            ResumeWithResponder with { Actor = new Actor { Type = "key", KeyPrefix = "a_b" } }
        },
        {
            "/actor/address",
            "must be 1-64 characters, none of them a control character.",
            ResumeWithResponder with { Actor = new Actor { Type = "key", Address = "" } }
        },
        {
            "/trace_id",
            "must be 1-64 characters, none of them a control character.",
            ResumeWithResponder with { TraceId = Repeat('x', 65) }
        },
        {
            "/responder/actor_type",
            "must be one of human, agent, system.",
            ResumeWithResponder with { Responder = new InputResponder { ActorType = "dog" } }
        },
        { "/responder/actor_type", "is required.", ResumeWithResponder with { Responder = new InputResponder { ActorType = null! } } },
        {
            "/responder/actor_id",
            NameDetail,
            ResumeWithResponder with { Responder = new InputResponder { ActorType = "human", ActorId = "" } }
        },
        { "/tool_call_id", "is required with a responder.", ResumeWithResponder with { ToolCallId = null } },
        { "/result", "must be an object.", ResumeWithResponder with { Result = Json("[]") } },
        {
            "/result",
            "must contain strings, numbers, booleans and nulls only.",
            ResumeWithResponder with { Result = Json("""{"a":[]}""") }
        },
        { "/result", "must be null when the input request is cancelled.", ResumeWithResponder with { IsError = true } },
        { "/tool_name", NameDetail, Wait with { ToolName = Repeat('t', 256) } },
        { "/tool_call_id", NameDetail, Resume with { ToolCallId = "a\nb" } },
        { "/result", "is required.", Resume with { Result = default } },
        { "/result", LargeJson, Resume with { Result = Json($"\"{Repeat('x', (64 * 1024) - 1)}\"") } },
        { "/result", LargeJson, Resume with { Result = Json($"\"{Repeat('\u20ac', 22_000)}\"") } },
        { "/result", LargeJson, Resume with { Result = Json($"{Repeat(' ', 1024 * 1024)}1") } },
        { "/result/a", IllFormedUnicode, Resume with { Result = Json("""{"a":"\ud83d"}""") } },
        {
            "/result",
            "must be JSON of at most 64 levels, without a member name twice in an object.",
            Resume with { Result = Json("""{"a":1,"a":2}""") }
        },
        { "/status", "is required.", Complete with { Status = null! } },
        { "/status", "must be one of completed, failed, cancelled.", Complete with { Status = "running" } },
        { "/metadata", "must be an object or null.", Complete with { Metadata = Json("[]") } },
        { "/metadata/a", IllFormedUnicode, Complete with { Metadata = Json("""{"a":"\udc00"}""") } },
        { "/artifacts", "must be an array or null.", Complete with { Artifacts = Json("{}") } },
        { "/artifacts/0", IllFormedUnicode, Complete with { Artifacts = Json("""["\udc00"]""") } },
        { "/output", IllFormedUnicode, Complete with { Output = Json("\"\\ud800\"") } },
        { "/terminal_error_code", "must not be longer than 255 characters.", Complete with { TerminalErrorCode = Repeat('c', 256) } },
        {
            "/terminal_error_message",
            "must not be longer than 65536 characters.",
            Complete with { TerminalErrorMessage = Repeat('m', 65_537) }
        },
        { "/duration_ms", "must be 0 or more.", Complete with { DurationMs = -1 } },
        { "/logs", "must not be larger than 4 MB.", Complete with { Logs = Repeat('l', (4 * 1024 * 1024) + 1) } },
        {
            "",
            "Output, logs, artifacts, metadata and error message together must not be larger than 5 MB.",
            Complete with { Logs = Repeat('l', 3 * 1024 * 1024), Output = Json($"\"{Repeat('o', 2 * 1024 * 1024)}\"") }
        },
    };

    [Theory]
    [MemberData(nameof(InvalidCommands))]
    public void An_invalid_member_is_reported_with_its_rule(string pointer, string detail, object command) =>
        Assert.Equal([new ValidationError(pointer, detail)], Validate(command));

    private static IReadOnlyList<ValidationError> Validate(object command) => command switch
    {
        StartRun start => CommandValidator.Validate(start),
        ClaimRun claim => CommandValidator.Validate(claim),
        ReleaseRun release => CommandValidator.Validate(release),
        RenewLease renewal => CommandValidator.Validate(renewal),
        CancelRun cancel => CommandValidator.Validate(cancel),
        WaitRun wait => CommandValidator.Validate(wait),
        ResumeRun resume => CommandValidator.Validate(resume),
        CompleteRun complete => CommandValidator.Validate(complete),
        _ => throw new ArgumentException("The object is not a command.", nameof(command)),
    };

    private static WaitRun WithForm(InputForm form) => WaitWithForm with { InputRequest = form };

    private static RawJson CreateFields(int count) => Json($"[{string.Join(',', Enumerable.Repeat("1", count))}]");

    private static RawJson Json(string text) => new(text);

    private static string Repeat(char character, int count) => new(character, count);
}
