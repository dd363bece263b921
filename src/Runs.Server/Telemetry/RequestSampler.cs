using System.Diagnostics;
using OpenTelemetry.Trace;
using Runs.Lifecycle;

namespace Runs.Server.Telemetry;

/// <summary>
/// Decides by ratio whether a trace is recorded, once for the whole trace within the service. For what arrives from
/// outside, the decision is random: neither the sampled flag nor the trace id counts, because the sender chooses both
/// and would decide what is stored. That changes if the sender is trusted.
/// </summary>
internal sealed class RequestSampler(TelemetryOptions options) : Sampler
{
    /// <summary>
    /// MassTransit's name of the span of a message from the queue that publishers can reach. All other queues have only
    /// messages of the service itself.
    /// </summary>
    public const string PublisherMessage = $"{RunSagaDefinition.QueueName} receive";

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        var isRoot = parent.TraceId == default;
        var isFromOutside = samplingParameters.Kind == ActivityKind.Server || samplingParameters.Name == PublisherMessage;
        var isTrusted = !isFromOutside || options.TrustCallerSampling;
        if (!isRoot && isTrusted)
        {
            return new SamplingResult(IsRecorded(parent));
        }

        // What follows a recorded span, such as a timer, is recorded with it. A publisher can set links, too.
        var hasRecordedLink = isTrusted && samplingParameters.Links?.Any(link => IsRecorded(link.Context)) == true;
#pragma warning disable CA5394 // sampling need not be unpredictable
        return new SamplingResult(hasRecordedLink || Random.Shared.NextDouble() < options.SampleRatio);
#pragma warning restore CA5394
    }

    private static bool IsRecorded(in ActivityContext context) => context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);
}
