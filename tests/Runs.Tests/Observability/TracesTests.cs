using System.Diagnostics;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Observability;

/// <summary>The spans of a server.</summary>
public sealed class TracesTests(TracedApplication application) : IClassFixture<TracedApplication>
{
    // The names of OpenTelemetry's conventions that the libraries use, and MassTransit's own.
    private static readonly string[] LibraryAttributes =
    [
        "aspnetcore.authentication.scheme",
        "error.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "messaging.destination.name",
        "messaging.masstransit.begin_state",
        "messaging.masstransit.consumer_type",
        "messaging.masstransit.correlation_id",
        "messaging.masstransit.destination_address",
        "messaging.masstransit.end_state",
        "messaging.masstransit.initiator_id",
        "messaging.masstransit.input_address",
        "messaging.masstransit.message_id",
        "messaging.masstransit.message_types",
        "messaging.masstransit.request_id",
        "messaging.masstransit.saga_id",
        "messaging.masstransit.source_address",
        "messaging.message.body.size",
        "messaging.message.conversation_id",
        "messaging.message.id",
        "messaging.operation",
        "messaging.system",
        "network.protocol.version",
        "peer.address",
        "server.address",
        "server.port",
        "url.path",
        "url.scheme",
    ];

    [Fact]
    public async Task A_create_is_one_connected_trace_from_the_request_to_the_saga()
    {
        var run = TestRequests.NewId();

        await application.Client.Create(TestRequests.TaskBody(run));

        await Eventually.Succeeds(() =>
        {
            var request = GetRequestSpan(run);
            var trace = application.Spans.Where(span => span.TraceId == request.TraceId).ToList();
            Assert.Contains(trace, IsProcessingOfCreate);
            var ids = trace.Select(span => span.SpanId).ToHashSet();
            Assert.All(trace.Where(span => span != request), span => Assert.Contains(span.ParentSpanId, ids));
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task The_span_of_a_create_names_the_run_and_the_outcome()
    {
        var run = TestRequests.NewId();

        await application.Client.Create(TestRequests.TaskBody(run));

        await Eventually.Succeeds(() =>
        {
            var request = GetRequestSpan(run);
            Assert.Equal("POST /runs", request.DisplayName);
            Assert.Equal("task", request.GetTagItem(TelemetryAttributes.SpanKind));
            Assert.Equal("new", request.GetTagItem(TelemetryAttributes.SpanOutcome));
            Assert.Equal("dev", request.GetTagItem(TelemetryAttributes.SpanTenant));
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task The_span_of_a_publishers_message_has_the_name_that_the_sampler_expects()
    {
        var run = TestRequests.NewId();
        await application.Client.Create(TestRequests.TaskBody(run));

        await application.Bus.Publish(new CancelRun { Tenant = "dev", RunId = run });

        await Eventually.Holds(() => Task.FromResult(
            application.Spans.Any(span => span.Kind == ActivityKind.Consumer && span.OperationName == RequestSampler.PublisherMessage)));
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/openapi.json")]
    [InlineData("/runs/untraced/stream")]
    [InlineData("/runs/untraced?wait=1")] // other tests, in parallel, read other runs
    public async Task Probes_descriptions_streams_and_long_polls_have_no_span(string path)
    {
        await application.Client.GetAsync(path);
        await application.Client.GetAsync("/runs/end");

        var name = path.Split('?')[0];
        await Eventually.Succeeds(() =>
        {
            Assert.Contains(application.Spans, span => Equals(span.GetTagItem("url.path"), "/runs/end"));
            return Task.CompletedTask;
        });
        Assert.DoesNotContain(application.Spans, span => Equals(span.GetTagItem("url.path"), name));
    }

    [Fact]
    public async Task Spans_have_only_listed_attributes_and_neither_query_nor_headers()
    {
        var run = TestRequests.NewId();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{run}/events?limit=5");
        request.Headers.UserAgent.ParseAdd("secret/1.0");

        await application.Client.Create(TestRequests.TaskBody(run));
        await application.Client.SendAsync(request);
        await Eventually.Holds(() => Task.FromResult(
            application.Spans.Any(span => Equals(span.GetTagItem("url.path"), $"/runs/{run}/events"))));

        // Spans of other servers in this process are collected, too.
        var traces = application.Spans
            .Where(span => span.Kind == ActivityKind.Server && Equals(span.GetTagItem("url.path"), $"/runs/{run}/events"))
            .Append(GetRequestSpan(run))
            .Select(span => span.TraceId)
            .ToHashSet();
        var attributes = application.Spans
            .Where(span => traces.Contains(span.TraceId))
            .SelectMany(span => span.TagObjects)
            .Select(tag => tag.Key)
            .ToHashSet();
        Assert.Empty(attributes.Except(TelemetryAttributes.OfSpans).Except(LibraryAttributes).Order());
    }

    private static bool IsProcessingOfCreate(Activity span) =>
        span is { Kind: ActivityKind.Consumer, DisplayName: "handle CreateRun" };

    private Activity GetRequestSpan(string run) => application.Spans.Single(span =>
        span.Kind == ActivityKind.Server && Equals(span.GetTagItem(TelemetryAttributes.SpanRunId), run)
        && Equals(span.GetTagItem("http.request.method"), "POST"));
}
