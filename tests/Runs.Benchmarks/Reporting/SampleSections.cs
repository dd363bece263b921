using System.Globalization;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Reporting;

/// <summary>The sections that are a table of samples.</summary>
internal static class SampleSections
{
    private const string OfBaseline = "of the baseline";

    public static string FormatReads(BenchmarkResults results) => results.Reads.IsEmpty ? "" : $"""
        ## Reads

        The baseline is Kestrel and one find.

        {SampleTable.Create(results.Reads, OfBaseline, GetBaseline)}
        """;

    public static string FormatAppends(BenchmarkResults results) => results.Appends.IsEmpty ? "" : $"""
        ## Appends

        {AppendBenchmark.EventsPerAppend} events in a request, to 256 running runs in turns. The baseline is Kestrel, one find and
        one conditional update, with the events in the document of the run. CPU is seconds of one core per 1,000 appends.

        {SampleTable.Create(results.Appends, OfBaseline, GetBaseline)}
        {FormatMemory(results.AppendMemory)}
        """;

    public static string FormatGrowth(BenchmarkResults results) => results.Growth.IsEmpty ? "" : $"""
        ## Growth

        The number of stored runs does not include those that the measurement itself creates. The baseline of the list is Kestrel
        and one find of a page through the index, of the same documents.

        {SampleTable.Create(results.Growth, OfBaseline, GetBaseline)}
        """;

    public static string FormatScaleOut(BenchmarkResults results) => results.ScaleOut.IsEmpty ? "" : $"""
        ## Scale-out

        Creates by 256 callers on deployments of several processes, which share the cores of this machine with everything else. MB is
        the largest of the processes.

        {SampleTable.Create(results.ScaleOut, "of one and one", GetSmallestDeployment)}
        """;

    public static string FormatBrokerCluster(BenchmarkResults results) => results.BrokerCluster.IsEmpty ? "" : $"""
        ## Broker of three nodes

        Creates by 64 callers with RabbitMQ as a cluster of three nodes on this machine, where a quorum queue has a replica on each
        node, beside one node. "later" is the one node again, in turns with the cluster of which one node is stopped.

        {SampleTable.Create(results.BrokerCluster, "of one node", BrokerClusterBenchmark.GetReference)}
        """;

    /// <summary>The deployment that larger ones are compared with.</summary>
    public static SampleKey GetSmallestDeployment(SampleKey key) => ScaleOutBenchmark.CreateKey(ScaleOutBenchmark.Deployments[0]);

    /// <summary>The same operation of the hand-written server; not every operation has one.</summary>
    public static SampleKey GetBaseline(SampleKey key) => key with { Subject = BenchmarkSubject.BaselineWithoutBroker };

    private static string FormatMemory(AppendMemory? memory) => memory is null ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $"""
        A new server after {memory.Load.SucceededTotal:N0} appends by 64 callers, {NumberFormat.Format(memory.Load.PerSecond)}/s:
        {NumberFormat.Format(memory.PeakBytes / 1e6)} MB of resident memory at most, {NumberFormat.Format(memory.EndBytes / 1e6)} MB
        when it was idle again.

        """);
}
