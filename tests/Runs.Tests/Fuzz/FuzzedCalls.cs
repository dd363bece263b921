using System.Text;
using Runs.Contracts;
using Runs.Store;
using Xunit.Abstractions;

namespace Runs.Tests.Fuzz;

/// <summary>The whole server, called in every way that is wrong. Each attempt makes a run of its own, brings it somewhere, and makes calls on it.</summary>
public sealed class FuzzedCalls(FuzzStack stack, ITestOutputHelper output) : IClassFixture<FuzzStack>, IDisposable
{
    private const long MostGrowth = 64 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _client = new(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8, AllowAutoRedirect = false });
    private readonly SortedDictionary<int, int> _answers = [];
    private long _created;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Every_call_is_answered_and_every_refusal_is_a_problem_that_changes_nothing()
    {
        var (before, half) = (await stack.CountRuns(), 0L);

        await Fuzzing.Run(150, Attempt, done => half = done >= 50 && half == 0 ? GC.GetTotalMemory(forceFullCollection: true) : half);

        Assert.Equal(before + _created, await stack.CountRuns());
        await stack.Client.Create(Calls.Task());
        await Eventually.Holds(() => Task.FromResult(GC.GetTotalMemory(forceFullCollection: true) < half + MostGrowth)); // other tests hold memory for a while
        output.WriteLine(string.Join(", ", _answers));
    }

    [Fact]
    public Task A_credential_opens_nothing_or_what_it_should() => Fuzzing.Run(150, async (random, input) =>
    {
        var mutation = new Mutation(random);
        var call = new Call("GET", ["runs", "any"]) { Credential = Call.AnyCredential(mutation) };

        var answer = await Send(call, "any", input);

        Assert.True(answer is null or { Status: 401 or 403 or 404 or 431 }, $"{answer}");
    });

    private async Task Attempt(Random random, StringBuilder input)
    {
        var mutation = new Mutation(random);
        var run = Calls.NewId();
        var life = Life(run, mutation).ToList();
        var inputRequest = "";
        foreach (var call in life)
        {
            var answer = await Send(call, run, input);
            inputRequest = answer is { Status: 201 } asked ? asked["id"].GetString()! : inputRequest;
        }

        for (var left = 6; left > 0; left--)
        {
            var call = mutation.OneOf(All(run, inputRequest, mutation)).Mutated(mutation);
            await Send(mutation.Chance(4) ? call.Mutated(mutation) : call, run, input);
        }
    }

    private async Task<Answer?> Send(Call call, string runId, StringBuilder input)
    {
        input.Append(call).Append('\n');
        var key = RunKey.Of("dev", runId);
        var before = await stack.Store.FindHead(key, CancellationToken.None);
        using var request = call.ToRequest(stack.Client.BaseAddress!);
        var mayWait = call.Query.Concat(call.Added).Any(pair => $"{pair}".Contains("wait", StringComparison.Ordinal));
        using var given = new CancellationTokenSource(mayWait ? TimeSpan.FromMilliseconds(200) : Patience);
        Answer answer;
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, given.Token);
            if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            {
                return null;
            }

            stack.HasLoggedNoError();
            answer = await Check(call, response);
        }
        catch (OperationCanceledException) when (mayWait)
        {
            return null;
        }
        catch (HttpRequestException) when (call.IsTooLong)
        {
            return null;
        }

        _answers[answer.Status] = _answers.GetValueOrDefault(answer.Status) + 1;
        input.Append("  -> ").Append(answer.Status).Append('\n');
        if (answer.Status is 202 && !answer["duplicate"].GetBoolean())
        {
            _created++;
        }

        if (answer.Status >= 400 && before is { DueAt: null })
        {
            var after = await stack.Store.FindHead(key, CancellationToken.None);
            Assert.Equal(RunStamp.Of(before), RunStamp.Of(after!));
        }

        return answer;
    }

    private static async Task<Answer> Check(Call call, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var type = response.Content.Headers.ContentType?.MediaType;
        Assert.True(status is >= 200 and < 300 or 304 or >= 400 and < 500, $"{status} {await response.Content.ReadAsStringAsync()}");
        if (status is 414 or 431 && type is null)
        {
            return new Answer(status, default, []); // too long to be looked at
        }

        if (call.Method == "HEAD" || type is not ("application/json" or "application/problem+json" or null))
        {
            Assert.True(status < 400 || call.Method == "HEAD", $"{status} {type} {await response.Content.ReadAsStringAsync()}");
            return new Answer(status, default, []);
        }

        var answer = await Answer.Of(response);
        if (status >= 400)
        {
            answer.IsProblem(status);
            Assert.Equal("about:blank", answer["type"].GetString());
            Assert.True(!answer.Body.TryGetProperty("errors", out var errors) || errors.EnumerateArray().All(error => error.GetProperty("detail").GetString()!.Length > 0));
        }

        return answer;
    }

    // A run in any state that a caller can bring it to.
    private static IEnumerable<Call> Life(string run, Mutation mutation)
    {
        yield return new Call("POST", ["runs"], mutation.OneOf(ValidBodies.Creates(run)));
        switch (mutation.OneOf(0, 1, 2, 3, 4, 5))
        {
            case 1:
                yield return new Call("POST", ["runs", run, "events"], """{"events":[{"type":"RUN_STARTED"}]}""");
                var value = mutation.Value();
                yield return new Call("POST", ["runs", run, "events"], $$"""{"events":[{"type":"CUSTOM","value":{{value}}}],"expected_previous_event_id":1}""");
                yield return new Call("POST", ["runs", run, "events"], $$"""{"events":[{ "type":"CUSTOM","value":{{value}}}],"expected_previous_event_id":1}""");
                break;
            case 2:
                yield return new Call("POST", ["runs", run, "events"], ValidBodies.Append.Replace("_id\":1", "_id\":0", StringComparison.Ordinal));
                yield return new Call("POST", ["runs", run, "wait"], ValidBodies.Wait);
                break;
            case 3:
                yield return new Call("POST", ["conversations", Stack.Conversation, "input-requests"], ValidBodies.InputRequest(run));
                break;
            case 4:
                yield return new Call("POST", ["runs", run, "complete"], ValidBodies.Complete);
                break;
            case 5:
                yield return new Call("POST", ["runs", run, "cancel"]);
                break;
        }
    }

    private static List<Call> All(string run, string inputRequest, Mutation mutation)
    {
        string[] ofRun = ["runs", run];
        string[] ofConversation = ["conversations", Stack.Conversation, "runs"];
        string[] inConversation = [.. ofConversation, run];
        string[] inputs = ["conversations", Stack.Conversation, "input-requests"];
        string[] ofInput = [.. inputs, inputRequest.Length > 0 ? inputRequest : Calls.NewUuid()];
        KeyValuePair<string, string>[] page = [new("cursor", "AAABmQAAAAAAAAAAAACAAIAAAAAAAAAA"), new("limit", "10"), new("kind", "agent"), new("status", "pending")];
        KeyValuePair<string, string>[] events = [new("after_event_id", "1"), new("limit", "10")];
        KeyValuePair<string, string>[] last = [new("Last-Event-ID", "1"), new("Accept", "text/event-stream")];
        return
        [
            .. ValidBodies.Creates(mutation.Chance(2) ? run : Calls.NewId()).Select(body => new Call("POST", ["runs"], body)),
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
            new("GET", ofRun) { Query = [new("wait", "0")], Added = [new("If-None-Match", "\"1\""), new("Prefer", "wait=0")] },
            new("GET", [.. ofRun, "children"]) { Query = page },
            new("GET", [.. ofRun, "events"]) { Query = events },
            new("GET", [.. ofRun, "stream"]) { Added = last },
            new("GET", ["projects", mutation.OneOf(Stack.Project, "my%2Fslug"), "runs"]) { Query = page },
            new("GET", ofConversation) { Query = page },
            new("GET", [.. ofConversation, "children-by-parent-conversation"]) { Query = [new("spawned_from_tool_call_id", "call_9"), .. page] },
            new("GET", inConversation),
            new("GET", [.. inConversation, "children"]) { Query = page },
            new("GET", [.. inConversation, "events"]) { Query = events },
            new("GET", [.. inConversation, "stream"]) { Added = last },
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
