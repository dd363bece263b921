using System.Globalization;
using System.Runtime.InteropServices;
using Runs.Benchmarks.Subjects;
using Runs.TestEnvironment;

namespace Runs.Benchmarks.Reporting;

/// <summary>Describes the machine and the images that the results were measured on.</summary>
internal static class Machine
{
    /// <summary>The load average of the last minute.</summary>
    public static string LoadAverage => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    /// <summary>One sentence or more in each line.</summary>
    public static IReadOnlyList<string> Describe(string loadBefore)
    {
        var kilobytes = double.Parse(ReadField("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture);
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        string[] parts =
        [
            ReadField("/proc/cpuinfo", "model name"),
            $"{Environment.ProcessorCount} cores",
            string.Create(CultureInfo.InvariantCulture, $"{kilobytes / 1024 / 1024:0} GB of memory"),
            $"{RuntimeInformation.OSDescription} on Linux {kernel}",
            $".NET {Environment.Version}",
        ];
        var variables = ServerEnvironment.Variables.Select(variable => $"`{variable.Key}={variable.Value}`");
        var inherited = ServerEnvironment.InheritedVariables.Select(variable => $"`{variable}`").ToList();
        return
        [
            $"{string.Join(", ", parts)}.",
            "Server, broker, store and callers share these cores. "
                + $"Broker {DescribeImage(ContainerImages.RabbitMq)}, store {DescribeImage(ContainerImages.MongoDb)}.",
            $"Load average before the first sample: {loadBefore}.",
            $"Set for all servers: {string.Join(", ", variables)}, and the runtime settings of the Runs server: "
                + $"{string.Join(", ", ServerEnvironment.RuntimeSettings.Select(setting => $"`{setting}`"))}.",
            $"Inherited by them: {(inherited.Count == 0 ? "no variable of the runtime" : string.Join(", ", inherited))}.",
        ];
    }

    private static string DescribeImage(string image) => image.Contains("documentdb", StringComparison.Ordinal)
        ? $"`{image}` (DocumentDB, the MongoDB-compatible engine on PostgreSQL)"
        : $"`{image}`";

    private static string ReadField(string file, string name)
    {
        var line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            : null;
        return line?.Split(':')[1].Trim() ?? "unknown";
    }
}
