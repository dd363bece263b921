using System.Globalization;
using System.Runtime.InteropServices;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Reporting;

/// <summary>What the figures were taken on.</summary>
internal static class Machine
{
    /// <summary>Processes that ran or wanted to, over the last minute.</summary>
    public static string LoadAverage => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    public static string Describe(string loadBefore)
    {
        var memory = double.Parse(ReadField("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) / 1024 / 1024;
        return string.Create(CultureInfo.InvariantCulture, $"""
            {ReadField("/proc/cpuinfo", "model name")}, {Environment.ProcessorCount} cores, {memory:0} GB of memory, {RuntimeInformation.OSDescription} on Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}, .NET {Environment.Version}.
            Server, broker, store and callers share these cores. Broker {DescribeImage("RUNS_RABBITMQ_IMAGE")}, store {DescribeImage("RUNS_MONGODB_IMAGE")}. Load average before the first sample: {loadBefore}.
            """);
    }

    private static string DescribeImage(string name)
    {
        var image = Container.GetImage(name);
        return image.Contains("documentdb", StringComparison.Ordinal) ? $"`{image}` (DocumentDB, the MongoDB-compatible engine on PostgreSQL)" : $"`{image}`";
    }

    private static string ReadField(string file, string name) => File.Exists(file)
        ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown"
        : "unknown";
}
