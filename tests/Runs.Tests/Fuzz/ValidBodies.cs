namespace Runs.Tests.Fuzz;

/// <summary>Valid bodies, each with all its members, in the order in which a run receives them.</summary>
internal static class ValidBodies
{
    private const string Uuid = "0c1d2e3f-aaaa-4222-8333-444455556666";

    public const string Complete = """
        {"status":"completed","metadata":{"model":"m","usage":{"tokens":12}},"terminal_error_code":"E","terminal_error_message":"why",
         "output":{"n":[1.50,1e3,null,"\u20ac"]},"logs":"one\ntwo",
         "artifacts":[{"name":"a","url":"https://example.org/a"}],"exit_code":0,"duration_ms":1200}
        """;

    public const string Wait = """{"reason":"tool","tool_call_id":"call_1","tool_name":"search","expires_at":"2126-09-01T02:00:00.000Z"}""";

    public const string Resume = """{"type":"tool_result","tool_call_id":"call_1","result":{"found":[1,2,{"x":"y"}]},"is_error":false}""";

    public const string Append = """
        {"events":[{"type":"TEXT_MESSAGE_START","messageId":"m1","role":"assistant"},
         {"type":"TEXT_MESSAGE_CONTENT","messageId":"m1","delta":"Hello","elapsedMs":1.5,"emittedAt":1788220800000},
         {"type":"STEP_STARTED","stepName":"s"}],"expected_previous_event_id":1,"expected_previous_external_event_sequence":0}
        """;

    public const string Values = """{"values":{"colour":"green","number":3,"sure":true,"nothing":null}}""";

    public static string[] Creates(string run) =>
    [
        $$$"""
        {"kind":"agent","owner":{"kind":"conversation","id":"{{{RunsApplication.Conversation}}}"},
         "public_id":"{{{run}}}","parent_run_id":null,
         "trigger":{"conversation_id":"{{{Uuid}}}","message_id":"{{{Uuid}}}","tool_call_id":"call_9"},
         "conversation_mode":"existing","conversation_id":"{{{RunsApplication.Conversation}}}",
         "request":{"agent_id":"writer","mode":"agent","initial_status":"pending","implementation_kind":"worker","worker_key":"w:1",
          "source_target_kind":"environment","source_target_environment_id":"{{{Uuid}}}","source_target_branch_id":null,
          "source_target_release_version":null,"runtime_target_kind":"environment","runtime_target_environment_id":"{{{Uuid}}}",
          "runtime_target_branch_id":null,
          "input":{"messages":[{"id":"m","role":"user","parts":[{"type":"text","text":"Hi"}]}]} } }
        """,
        $$$"""
        {"kind":"task","owner":{"kind":"project","id":"{{{RunsApplication.Project}}}"},"public_id":"{{{run}}}",
         "request":{"target":"task:rebuild-index","name":"Nightly","batch_id":"{{{Uuid}}}","runtime_target_kind":"main_branch",
          "runtime_target_branch_id":null,"config":{"full":true,"limit":1.0},"timeout_seconds":600,"backoff_limit":0} }
        """,
        $$$"""
        {"kind":"workflow","owner":{"kind":"project","id":"{{{RunsApplication.Project}}}"},"public_id":"{{{run}}}",
         "request":{"workflow_id":"w","target":"workflow:w","input":{"a":[]},"start_mode":"manual"} }
        """,
        $$$"""
        {"kind":"eval","owner":{"kind":"project","id":"{{{RunsApplication.Project}}}"},"public_id":"{{{run}}}",
         "request":{"target":"eval:e","input":{},"config":{},"start_mode":"manual"} }
        """,
    ];

    public static string InputRequest(string run) => $$$"""
        {"kind":"form","run_id":"{{{run}}}","tool_call_id":"form_1","expires_at":"2126-09-01T02:00:00Z",
         "requested_responder_type":"human","title":"Colour?","description":"Which?",
         "fields":[{"name":"colour","type":"text"}],"metadata":{"a":1} }
        """;
}
