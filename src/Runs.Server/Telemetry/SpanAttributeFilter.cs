using System.Diagnostics;
using OpenTelemetry;
using Runs.Store;

namespace Runs.Server.Telemetry;

/// <summary>
/// Removes what must not leave the service from spans of the libraries: query strings and header values, and the tenant
/// if it is not wanted.
/// </summary>
internal sealed class SpanAttributeFilter(bool keepTenant) : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        data.SetTag("url.query", null);
        data.SetTag("user_agent.original", null);
        if (!keepTenant)
        {
            data.SetTag(TelemetryAttributes.SpanTenant, null);
        }
    }
}
