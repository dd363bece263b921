using System.Text;
using Runs.Store;
using Xunit.Abstractions;

namespace Runs.Tests.Fuzz;

/// <summary>
/// Invalid requests to a server. Each attempt creates a run, brings it to some state, and sends requests for it.
/// </summary>
[Collection(nameof(WholeProcess))]
public sealed class ApiFuzzTests(FuzzApplication application, ITestOutputHelper output) : IClassFixture<FuzzApplication>, IDisposable
{
    private const long MaxMemoryGrowth = 64 * 1024 * 1024;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(20);

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        AllowAutoRedirect = false,
    });

    private readonly SortedDictionary<int, int> _statusCounts = [];
    private long _createdRuns;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Random_requests_get_a_response_and_rejected_ones_change_nothing()
    {
        var (before, memoryAtHalf) = (await application.CountRuns(), 0L);

        await FuzzRunner.Run(150, FuzzOneRun, percent =>
        {
            if (percent >= 50 && memoryAtHalf == 0)
            {
                memoryAtHalf = GC.GetTotalMemory(forceFullCollection: true);
            }
        });

        Assert.Equal(before + _createdRuns, await application.CountRuns());
        await application.Client.Create(TestRequests.TaskBody());
        // What other tests have used may be released late.
        await Eventually.Holds(() => Task.FromResult(GC.GetTotalMemory(forceFullCollection: true) < memoryAtHalf + MaxMemoryGrowth));
        output.WriteLine(string.Join(", ", _statusCounts));
    }

    [Fact]
    public Task Invalid_credentials_are_rejected_without_side_effects() => FuzzRunner.Run(150, async (random, input) =>
    {
        var mutation = new Mutator(random);
        var request = new FuzzedRequest("GET", ["runs", "any"]) { Credential = FuzzedRequest.CreateMutatedCredential(mutation) };

        var response = await Send(request, "any", input);

        Assert.True(response is null or { Status: 401 or 403 or 404 or 431 }, $"{response}");
    });

    private async Task FuzzOneRun(Random random, StringBuilder input)
    {
        var mutation = new Mutator(random);
        var run = TestRequests.NewId();
        var setup = FuzzedRequests.CreateSetup(run, mutation).ToList();
        var inputRequest = "";
        foreach (var request in setup)
        {
            var response = await Send(request, run, input);
            inputRequest = response is { Status: 201 } ? response.Read<ApiInputRequest>(201).Id : inputRequest;
        }

        for (var left = 6; left > 0; left--)
        {
            var request = mutation.OneOf(FuzzedRequests.CreateAll(run, inputRequest, mutation)).Mutate(mutation);
            await Send(mutation.Chance(4) ? request.Mutate(mutation) : request, run, input);
        }
    }

    private async Task<ApiResponse?> Send(FuzzedRequest fuzzed, string runId, StringBuilder input)
    {
        input.Append(fuzzed).Append('\n');
        var key = RunIds.ForRun("dev", runId);
        var before = await application.Store.FindWithoutPayload(key, CancellationToken.None);
        using var request = fuzzed.ToRequest(application.Client.BaseAddress!);
        var mayWait = fuzzed.Query.Concat(fuzzed.ExtraHeaders).Any(pair => $"{pair}".Contains("wait", StringComparison.Ordinal));
        using var timeout = new CancellationTokenSource(mayWait ? TimeSpan.FromMilliseconds(200) : RequestTimeout);
        ApiResponse result;
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            {
                return null;
            }

            application.AssertNoErrorLogged();
            result = await AssertValidResponse(fuzzed, response);
        }
        catch (OperationCanceledException) when (mayWait)
        {
            return null;
        }
        catch (HttpRequestException) when (fuzzed.IsTooLong)
        {
            return null;
        }

        _statusCounts[result.Status] = _statusCounts.GetValueOrDefault(result.Status) + 1;
        input.Append("  -> ").Append(result.Status).Append('\n');
        if (result.Status is 202 && !result.Read<CreatedRun>(202).Duplicate)
        {
            _createdRuns++;
        }

        if (result.Status >= 400 && before is { DueAt: null })
        {
            var after = await application.Store.FindWithoutPayload(key, CancellationToken.None);
            Assert.Equal(RunVersion.From(before), RunVersion.From(after!));
        }

        return result;
    }

    private static async Task<ApiResponse> AssertValidResponse(FuzzedRequest fuzzed, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var type = response.Content.Headers.ContentType?.MediaType;
        Assert.True(status is >= 200 and < 300 or 304 or >= 400 and < 500, $"{status} {await response.Content.ReadAsStringAsync()}");
        if (status is 414 or 431 && type is null)
        {
            return new ApiResponse(status, default, []); // rejected before any of the API runs
        }

        if (fuzzed.Method == "HEAD" || type is not ("application/json" or "application/problem+json" or null))
        {
            Assert.True(status < 400 || fuzzed.Method == "HEAD", $"{status} {type} {await response.Content.ReadAsStringAsync()}");
            return new ApiResponse(status, default, []);
        }

        var result = await ApiResponse.From(response);
        if (status >= 400)
        {
            result.AssertProblem(status);
            Assert.Equal("about:blank", result["type"].GetString());
            Assert.All(result.Read<ApiProblem>(status).Errors ?? [], error => Assert.NotEmpty(error.Detail));
        }

        return result;
    }
}
