using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;

namespace Runs.Tests.Observability;

/// <summary>A server whose spans stay in memory. Everything is traced.</summary>
public sealed class TracedApplication() : EmbeddedApplication(new() { ["Telemetry:SampleRatio"] = "1" })
{
    private readonly List<Activity> _spans = [];

    /// <summary>The spans that have ended.</summary>
    public IReadOnlyList<Activity> Spans
    {
        get
        {
            lock (_spans)
            {
                return [.. _spans];
            }
        }
    }

    protected override void ConfigureBuilder(WebApplicationBuilder builder) => builder.Services
        .AddOpenTelemetry()
        .WithTracing(traces => traces.ConfigureTraces(builder.Configuration).AddProcessor(new Collector(_spans)));

    private sealed class Collector(List<Activity> spans) : OpenTelemetry.BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data)
        {
            if (data.Recorded)
            {
                lock (spans)
                {
                    spans.Add(data);
                }
            }
        }
    }
}
