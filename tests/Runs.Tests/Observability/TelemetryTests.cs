using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Runs.Server;

namespace Runs.Tests.Observability;

/// <summary>Which signals a server exports, which traces it records, and what it takes from callers.</summary>
public sealed class TelemetryTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    [Fact]
    public async Task By_default_nothing_listens()
    {
        await using var server = ServerBuilder.Build(["--environment", "Development"]);

        Assert.Null(server.Services.GetService<TracerProvider>());
        Assert.Null(server.Services.GetService<MeterProvider>());
    }

    [Fact]
    public async Task With_an_endpoint_traces_and_metrics_are_exported()
    {
        await using var server = ServerBuilder.Build(["--environment", "Development", $"--{Endpoint}", "http://127.0.0.1:9"]);

        Assert.NotNull(server.Services.GetService<TracerProvider>());
        Assert.NotNull(server.Services.GetService<MeterProvider>());
    }

    [Theory]
    [InlineData("", false, false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9", true, true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9 OTEL_SDK_DISABLED=true", false, false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9 OTEL_LOGS_EXPORTER=none", true, true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://127.0.0.1:9", false, true, false)]
    [InlineData("OTEL_TRACES_EXPORTER=otlp", true, false, false)]
    public void The_standard_variables_select_the_signals(string variables, bool traces, bool metrics, bool logs) =>
        Assert.Equal(new TelemetryExporters(traces, metrics, logs, null), TelemetryExporters.From(Configure(variables)));

    [Fact]
    public void An_exporter_that_the_server_does_not_have_is_an_invalid_setting() => Assert.Equal(
        "OTEL_TRACES_EXPORTER must be otlp or none.",
        Assert.Throws<InvalidSettingException>(() => TelemetryExporters.From(Configure("OTEL_TRACES_EXPORTER=zipkin"))).Message);

    [Theory]
    [InlineData(ActivityKind.Server, "POST", true, true, false, false)] // a caller outside cannot request a trace
    [InlineData(ActivityKind.Server, "POST", true, true, true, true)] // unless it is trusted
    [InlineData(ActivityKind.Consumer, "runs-lifecycle receive", true, true, false, false)] // nor can a publisher
    [InlineData(ActivityKind.Consumer, "runs-lifecycle receive", false, true, false, false)]
    [InlineData(ActivityKind.Consumer, "runs-lifecycle receive", true, true, true, true)]
    [InlineData(ActivityKind.Consumer, "runs-commands receive", true, true, false, true)] // the API sends these messages
    [InlineData(ActivityKind.Consumer, "runs-commands receive", true, false, false, false)]
    [InlineData(ActivityKind.Consumer, "handle CreateRun", true, true, false, true)]
    [InlineData(ActivityKind.Consumer, "runs-lifecycle process", false, true, false, true)]
    [InlineData(ActivityKind.Client, "insert", false, true, false, true)]
    public void A_span_is_recorded_with_its_parent_except_for_what_arrives_from_outside(
        ActivityKind kind, string name, bool isRemote, bool isParentRecorded, bool isTrusted, bool isRecorded)
    {
        var sampler = new RequestSampler(new TelemetryOptions { SampleRatio = 0, TrustCallerSampling = isTrusted });

        var result = sampler.ShouldSample(CreateParameters(kind, CreateContext(isParentRecorded, isRemote), name: name));

        Assert.Equal(isRecorded ? SamplingDecision.RecordAndSample : SamplingDecision.Drop, result.Decision);
    }

    [Theory]
    [InlineData(ActivityKind.Server, "POST")]
    [InlineData(ActivityKind.Consumer, "runs-lifecycle receive")]
    public void A_trace_id_that_a_sender_has_chosen_does_not_decide(ActivityKind kind, string name)
    {
        var lowest = ActivityTraceId.CreateFromString("00000000000000000000000000000001");
        var sampler = new RequestSampler(new TelemetryOptions { SampleRatio = 1e-12 });
        var context = new ActivityContext(lowest, ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, null, isRemote: true);

        var result = sampler.ShouldSample(new SamplingParameters(context, lowest, name, kind));

        Assert.Equal(SamplingDecision.Drop, result.Decision);
    }

    [Fact]
    public void A_part_of_the_requests_with_the_same_trace_id_is_recorded()
    {
        var sampler = new RequestSampler(new TelemetryOptions { SampleRatio = 0.5 });
        var parameters = CreateParameters(ActivityKind.Server, CreateContext(true, true));

        var decisions = Enumerable.Range(0, 1_000).Select(_ => sampler.ShouldSample(parameters).Decision);

        Assert.InRange(decisions.Count(decision => decision == SamplingDecision.RecordAndSample), 300, 700);
    }

    [Fact]
    public void A_link_of_a_publisher_does_not_decide()
    {
        var sampler = new RequestSampler(new TelemetryOptions { SampleRatio = 0 });

        var result = sampler.ShouldSample(CreateParameters(
            ActivityKind.Consumer, default, [new ActivityLink(CreateContext(true, true))], "runs-lifecycle receive"));

        Assert.Equal(SamplingDecision.Drop, result.Decision);
    }

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(1, false, true)]
    [InlineData(0, true, true)] // what follows a recorded span is recorded
    public void A_root_is_recorded_by_ratio_or_with_what_it_follows(double ratio, bool hasRecordedLink, bool isRecorded)
    {
        var sampler = new RequestSampler(new TelemetryOptions { SampleRatio = ratio });

        var result = sampler.ShouldSample(
            CreateParameters(ActivityKind.Internal, default, hasRecordedLink ? [new ActivityLink(CreateContext(true, false))] : null));

        Assert.Equal(isRecorded ? SamplingDecision.RecordAndSample : SamplingDecision.Drop, result.Decision);
    }

    [Fact]
    public void The_trace_context_is_read_and_sent_and_baggage_is_not()
    {
        var propagator = new TraceContextPropagator();
        using var activity = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).AddBaggage("user", "secret").Start();
        var headers = new Dictionary<string, string> { ["baggage"] = "user=secret", ["Correlation-Context"] = "user=secret" };

        var incoming = new Dictionary<string, string> { ["traceparent"] = activity.Id! };
        propagator.ExtractTraceIdAndState(incoming, Get, out var traceParent, out _);
        var baggage = propagator.ExtractBaggage(headers, Get);
        var sent = new Dictionary<string, string>();
        propagator.Inject(activity, sent, (carrier, name, value) => ((Dictionary<string, string>)carrier!)[name] = value);

        Assert.Equal(activity.Id, traceParent);
        Assert.Null(baggage);
        Assert.Equal(["traceparent"], sent.Keys);

        static void Get(object? carrier, string name, out string? value, out IEnumerable<string>? values)
        {
            values = null;
            value = ((Dictionary<string, string>)carrier!).GetValueOrDefault(name);
        }
    }

    [Fact]
    public async Task The_host_uses_this_propagator()
    {
        await using var server = ServerBuilder.Build(["--environment", "Development"]);

        Assert.IsType<TraceContextPropagator>(server.Services.GetRequiredService<DistributedContextPropagator>());
    }

    private static IConfiguration Configure(string variables) => new ConfigurationBuilder()
        .AddInMemoryCollection(variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(variable =>
            KeyValuePair.Create(variable.Split('=')[0], (string?)variable.Split('=')[1])))
        .Build();

    private static ActivityContext CreateContext(bool isRecorded, bool isRemote) => new(
        ActivityTraceId.CreateRandom(),
        ActivitySpanId.CreateRandom(),
        isRecorded ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None,
        traceState: null,
        isRemote);

    private static SamplingParameters CreateParameters(
        ActivityKind kind, ActivityContext parent, IEnumerable<ActivityLink>? links = null, string name = "test") =>
        new(parent, ActivityTraceId.CreateRandom(), name, kind, null, links);
}
