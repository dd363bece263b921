using System.Text;
using Runs.Store;
using Xunit.Abstractions;

namespace Runs.Tests.Fuzz;

/// <summary>The whole server, called in every way that is wrong. Each attempt makes a run of its own, brings it somewhere, and makes calls on it.</summary>
public sealed class ApiFuzzTests(FuzzApplication application, ITestOutputHelper output) : IClassFixture<FuzzApplication>, IDisposable
{
    private const long MaxMemoryGrowth = 64 * 1024 * 1024;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(20);

    private readonly HttpClient _client = new(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8, AllowAutoRedirect = false });
    private readonly SortedDictionary<int, int> _statusCounts = [];
    private long _createdRuns;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Random_requests_get_a_response_and_rejected_ones_change_nothing()
    {
        var (before, half) = (await application.CountRuns(), 0L);

        await FuzzRunner.Run(150, FuzzOneRun, done => half = done >= 50 && half == 0 ? GC.GetTotalMemory(forceFullCollection: true) : half);

        Assert.Equal(before + _createdRuns, await application.CountRuns());
        await application.Client.Create(TestRequests.TaskBody());
        await Eventually.Holds(() => Task.FromResult(GC.GetTotalMemory(forceFullCollection: true) < half + MaxMemoryGrowth)); // other tests hold memory for a while
        output.WriteLine(string.Join(", ", _statusCounts));
    }

    [Fact]
    public Task Invalid_credentials_are_rejected_without_side_effects() => FuzzRunner.Run(150, async (random, input) =>
    {
        var mutation = new Mutator(random);
        var call = new FuzzedRequest("GET", ["runs", "any"]) { Credential = FuzzedRequest.CreateMutatedCredential(mutation) };

        var answer = await Send(call, "any", input);

        Assert.True(answer is null or { Status: 401 or 403 or 404 or 431 }, $"{answer}");
    });

    private async Task FuzzOneRun(Random random, StringBuilder input)
    {
        var mutation = new Mutator(random);
        var run = TestRequests.NewId();
        var life = CreateSetupRequests(run, mutation).ToList();
        var inputRequest = "";
        foreach (var call in life)
        {
            var answer = await Send(call, run, input);
            inputRequest = answer is { Status: 201 } asked ? asked["id"].GetString()! : inputRequest;
        }

        for (var left = 6; left > 0; left--)
        {
            var call = mutation.OneOf(CreateAllRequests(run, inputRequest, mutation)).Mutate(mutation);
            await Send(mutation.Chance(4) ? call.Mutate(mutation) : call, run, input);
        }
    }

    private async Task<ApiResponse?> Send(FuzzedRequest call, string runId, StringBuilder input)
    {
        input.Append(call).Append('\n');
        var key = RunIds.ForRun("dev", runId);
        var before = await application.Store.FindWithoutPayload(key, CancellationToken.None);
        using var request = call.ToRequest(application.Client.BaseAddress!);
        var mayWait = call.Query.Concat(call.ExtraHeaders).Any(pair => $"{pair}".Contains("wait", StringComparison.Ordinal));
        using var given = new CancellationTokenSource(mayWait ? TimeSpan.FromMilliseconds(200) : RequestTimeout);
        ApiResponse answer;
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, given.Token);
            if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            {
                return null;
            }

            application.AssertNoErrorLogged();
            answer = await AssertValidResponse(call, response);
        }
        catch (OperationCanceledException) when (mayWait)
        {
            return null;
        }
        catch (HttpRequestException) when (call.IsTooLong)
        {
            return null;
        }

        _statusCounts[answer.Status] = _statusCounts.GetValueOrDefault(answer.Status) + 1;
        input.Append("  -> ").Append(answer.Status).Append('\n');
        if (answer.Status is 202 && !answer["duplicate"].GetBoolean())
        {
            _createdRuns++;
        }

        if (answer.Status >= 400 && before is { DueAt: null })
        {
            var after = await application.Store.FindWithoutPayload(key, CancellationToken.None);
            Assert.Equal(RunVersion.From(before), RunVersion.From(after!));
        }

        return answer;
    }

    private static async Task<ApiResponse> AssertValidResponse(FuzzedRequest call, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var type = response.Content.Headers.ContentType?.MediaType;
        Assert.True(status is >= 200 and < 300 or 304 or >= 400 and < 500, $"{status} {await response.Content.ReadAsStringAsync()}");
        if (status is 414 or 431 && type is null)
        {
            return new ApiResponse(status, default, []); // too long to be looked at
        }

        if (call.Method == "HEAD" || type is not ("application/json" or "application/problem+json" or null))
        {
            Assert.True(status < 400 || call.Method == "HEAD", $"{status} {type} {await response.Content.ReadAsStringAsync()}");
            return new ApiResponse(status, default, []);
        }

        var answer = await ApiResponse.From(response);
        if (status >= 400)
        {
            answer.AssertProblem(status);
            Assert.Equal("about:blank", answer["type"].GetString());
            Assert.True(!answer.Body.TryGetProperty("errors", out var errors) || errors.EnumerateArray().All(error => error.GetProperty("detail").GetString()!.Length > 0));
        }

        return answer;
    }

    // A run in any state that a caller can bring it to.
    private static IEnumerable<FuzzedRequest> CreateSetupRequests(string run, Mutator mutation)
    {
        yield return new FuzzedRequest("POST", ["runs"], mutation.OneOf(ValidBodies.Creates(run)));
        switch (mutation.OneOf(0, 1, 2, 3, 4, 5))
        {
            case 1:
                yield return new FuzzedRequest("POST", ["runs", run, "events"], """{"events":[{"type":"RUN_STARTED"}]}""");
                var value = mutation.CreateValue();
                yield return new FuzzedRequest("POST", ["runs", run, "events"], $$"""{"events":[{"type":"CUSTOM","value":{{value}}}],"expected_previous_event_id":1}""");
                yield return new FuzzedRequest("POST", ["runs", run, "events"], $$"""{"events":[{ "type":"CUSTOM","value":{{value}}}],"expected_previous_event_id":1}""");
                break;
            case 2:
                yield return new FuzzedRequest("POST", ["runs", run, "events"], ValidBodies.Append.Replace("_id\":1", "_id\":0", StringComparison.Ordinal));
                yield return new FuzzedRequest("POST", ["runs", run, "wait"], ValidBodies.Wait);
                break;
            case 3:
                yield return new FuzzedRequest("POST", ["conversations", RunsApplication.Conversation, "input-requests"], ValidBodies.InputRequest(run));
                break;
            case 4:
                yield return new FuzzedRequest("POST", ["runs", run, "complete"], ValidBodies.Complete);
                break;
            case 5:
                yield return new FuzzedRequest("POST", ["runs", run, "cancel"]);
                break;
        }
    }

    private static List<FuzzedRequest> CreateAllRequests(string run, string inputRequest, Mutator mutation)
    {
        string[] ofRun = ["runs", run];
        string[] ofConversation = ["conversations", RunsApplication.Conversation, "runs"];
        string[] inConversation = [.. ofConversation, run];
        string[] inputs = ["conversations", RunsApplication.Conversation, "input-requests"];
        string[] ofInput = [.. inputs, inputRequest.Length > 0 ? inputRequest : TestRequests.NewUuid()];
        KeyValuePair<string, string>[] page = [new("cursor", "AAABmQAAAAAAAAAAAACAAIAAAAAAAAAA"), new("limit", "10"), new("kind", "agent"), new("status", "pending")];
        KeyValuePair<string, string>[] events = [new("after_event_id", "1"), new("limit", "10")];
        KeyValuePair<string, string>[] last = [new("Last-Event-ID", "1"), new("Accept", "text/event-stream")];
        return
        [
            .. ValidBodies.Creates(mutation.Chance(2) ? run : TestRequests.NewId()).Select(body => new FuzzedRequest("POST", ["runs"], body)),
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
            new("GET", ofRun) { Query = [new("wait", "0")], ExtraHeaders = [new("If-None-Match", "\"1\""), new("Prefer", "wait=0")] },
            new("GET", [.. ofRun, "children"]) { Query = page },
            new("GET", [.. ofRun, "events"]) { Query = events },
            new("GET", [.. ofRun, "stream"]) { ExtraHeaders = last },
            new("GET", ["projects", mutation.OneOf(RunsApplication.Project, "my%2Fslug"), "runs"]) { Query = page },
            new("GET", ofConversation) { Query = page },
            new("GET", [.. ofConversation, "children-by-parent-conversation"]) { Query = [new("spawned_from_tool_call_id", "call_9"), .. page] },
            new("GET", inConversation),
            new("GET", [.. inConversation, "children"]) { Query = page },
            new("GET", [.. inConversation, "events"]) { Query = events },
            new("GET", [.. inConversation, "stream"]) { ExtraHeaders = last },
            new("GET", [.. inConversation, "snapshot"]),
            new("GET", inputs) { Query = [new("run_id", run), new("status", "open"), new("cursor", "0.AAABmQAAAAAAAAAAAACAAIAAAAAAAAAA"), new("limit", "10")] },
            new("GET", ofInput),
            new("GET", ["openapi.json"]),
            new("GET", ["asyncapi.yaml"]),
            new("GET", ["schemas", "create-run.json"]),
            new("GET", ["health", "ready"]),
        ];
    }
}
