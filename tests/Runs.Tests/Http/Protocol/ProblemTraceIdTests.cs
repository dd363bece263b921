namespace Runs.Tests.Http;

/// <summary>The trace id in problems.</summary>
public sealed class ProblemTraceIdTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Theory]
    [InlineData("/runs/unknown")]
    [InlineData("/nowhere")]
    public async Task A_problem_has_the_trace_id_of_the_request_as_the_audit_log_has(string path)
    {
        using var caller = application.CreateClient("vf_dev_secret");
        caller.DefaultRequestHeaders.Add("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01");

        var answer = await caller.Get(path);

        answer.AssertProblem(404);
        Assert.Equal(TraceId, answer["trace_id"].GetString());
    }
}
