using MassTransit;

namespace Runs.Samples.MassTransitWorker;

/// <summary>The exchanges of Runs: <c>runs.run-accepted</c> for <c>RunAccepted</c>.</summary>
internal sealed class RunsExchanges : IEntityNameFormatter
{
    public string FormatEntityName<T>() => $"runs.{KebabCaseEndpointNameFormatter.Instance.SanitizeName(typeof(T).Name)}";
}
