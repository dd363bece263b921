namespace Runs.Tests.Fuzz;

/// <summary>Valid requests, which the fuzzer then mutates.</summary>
internal static class FuzzedRequests
{
    private const string Cursor = "AAABmQAAAAAAAAAAAACAAIAAAAAAAAAA";

    /// <summary>Creates valid requests that bring a run to any state that a client can bring it to.</summary>
    public static IEnumerable<FuzzedRequest> CreateSetup(string run, Mutator mutation)
    {
        string[] events = ["runs", run, "events"];
        yield return new FuzzedRequest("POST", ["runs"], mutation.OneOf(ValidBodies.Creates(run)));
        switch (mutation.OneOf(0, 1, 2, 3, 4, 5))
        {
            case 1:
                var value = mutation.CreateValue();
                var append = $$"""{"events":[{"type":"CUSTOM","value":{{value}}}],"expected_previous_event_id":1}""";
                yield return new FuzzedRequest("POST", events, """{"events":[{"type":"RUN_STARTED"}]}""");
                yield return new FuzzedRequest("POST", events, append);
                yield return new FuzzedRequest("POST", events, append.Replace("[{", "[{ ", StringComparison.Ordinal)); // a retry
                break;
            case 2:
                yield return new FuzzedRequest("POST", events, ValidBodies.Append.Replace("_id\":1", "_id\":0", StringComparison.Ordinal));
                yield return new FuzzedRequest("POST", ["runs", run, "wait"], ValidBodies.Wait);
                break;
            case 3:
                string[] inputRequests = ["conversations", RunsApplication.Conversation, "input-requests"];
                yield return new FuzzedRequest("POST", inputRequests, ValidBodies.InputRequest(run));
                break;
            case 4:
                yield return new FuzzedRequest("POST", ["runs", run, "complete"], ValidBodies.Complete);
                break;
            case 5:
                yield return new FuzzedRequest("POST", ["runs", run, "cancel"]);
                break;
        }
    }

    /// <summary>Creates a valid request for each operation of the API.</summary>
    public static List<FuzzedRequest> CreateAll(string run, string inputRequest, Mutator mutation)
    {
        string[] ofRun = ["runs", run];
        string[] ofConversation = ["conversations", RunsApplication.Conversation, "runs"];
        string[] inConversation = [.. ofConversation, run];
        string[] inputs = ["conversations", RunsApplication.Conversation, "input-requests"];
        var input = inputRequest.Length > 0 ? inputRequest : TestRequests.NewUuid();
        string[] ofInput = [.. inputs, input];
        string[] ofRunInput = [.. ofRun, "input-requests", input];
        KeyValuePair<string, string>[] page =
            [new("cursor", Cursor), new("limit", "10"), new("kind", "agent"), new("status", "pending")];
        KeyValuePair<string, string>[] inputPage =
            [new("run_id", run), new("status", "open"), new("cursor", $"0.{Cursor}"), new("limit", "10")];
        KeyValuePair<string, string>[] events = [new("after_event_id", "1"), new("limit", "10")];
        KeyValuePair<string, string>[] last = [new("Last-Event-ID", "1"), new("Accept", "text/event-stream")];
        return
        [
            .. ValidBodies.Creates(mutation.Chance(2) ? run : TestRequests.NewId())
                .Select(body => new FuzzedRequest("POST", ["runs"], body)),
            new("POST", [.. ofRun, "complete"], ValidBodies.Complete),
            new("POST", [.. ofRun, "wait"], ValidBodies.Wait),
            new("POST", [.. ofRun, "resume"], ValidBodies.Resume),
            new("POST", [.. ofRun, "resume"], """{"type":"approval","result":null}"""),
            new("POST", [.. ofRun, "cancel"]),
            new("POST", [.. ofRun, "events"], ValidBodies.Append),
            new("POST", [.. inConversation, "events"], ValidBodies.Append),
            new("POST", inputs, ValidBodies.InputRequest(run)),
            new("POST", [.. ofInput, "responses"], ValidBodies.Values),
            new("POST", [.. ofInput, "cancel"]),
            new("POST", [.. ofRun, "input-requests"], ValidBodies.InputRequest(run)),
            new("POST", [.. ofRunInput, "responses"], ValidBodies.Values),
            new("POST", [.. ofRunInput, "cancel"]),
            new("GET", ofRun) { Query = [new("wait", "0")], ExtraHeaders = [new("If-None-Match", "\"1\""), new("Prefer", "wait=0")] },
            new("GET", [.. ofRun, "children"]) { Query = page },
            new("GET", [.. ofRun, "events"]) { Query = events },
            new("GET", [.. ofRun, "stream"]) { ExtraHeaders = last },
            new("GET", ["projects", mutation.OneOf(RunsApplication.Project, "my%2Fslug"), "runs"]) { Query = page },
            new("GET", ofConversation) { Query = page },
            new("GET", [.. ofConversation, "children-by-parent-conversation"])
            {
                Query = [new("spawned_from_tool_call_id", "call_9"), .. page],
            },
            new("GET", inConversation),
            new("GET", [.. inConversation, "children"]) { Query = page },
            new("GET", [.. inConversation, "events"]) { Query = events },
            new("GET", [.. inConversation, "stream"]) { ExtraHeaders = last },
            new("GET", [.. inConversation, "snapshot"]),
            new("GET", inputs) { Query = inputPage },
            new("GET", ofInput),
            new("GET", [.. ofRun, "input-requests"]) { Query = inputPage },
            new("GET", ofRunInput),
            new("GET", ["openapi.json"]),
            new("GET", ["asyncapi.yaml"]),
            new("GET", ["schemas", "create-run.json"]),
            new("GET", ["health", "ready"]),
        ];
    }
}
