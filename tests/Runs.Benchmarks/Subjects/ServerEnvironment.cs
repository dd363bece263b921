using System.Collections;
using System.Text.Json;
using Runs.Benchmarks.Load;

namespace Runs.Benchmarks.Subjects;

/// <summary>
/// What the benchmark sets in the environment of every server that it measures. Everything else is the default of the
/// server, or inherited.
/// </summary>
internal static class ServerEnvironment
{
    /// <summary>
    /// The runtime settings of the Runs server. All subjects run with them: the garbage collector matters more than
    /// much of the code.
    /// </summary>
    public const string RuntimeConfigFile = "Runs.Server.runtimeconfig.json";

    /// <summary>The variables, without the startup hook that reads the counters of the runtime.</summary>
    public static IReadOnlyDictionary<string, string?> Variables { get; } = new Dictionary<string, string?>
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["Logging__LogLevel__Default"] = "Warning",
    };

    /// <summary>The runtime settings, as <c>name=value</c>.</summary>
    public static IEnumerable<string> RuntimeSettings
    {
        get
        {
            using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, RuntimeConfigFile)));
            var properties = config.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");
            return [.. properties.EnumerateObject()
                .Where(property => property.Name.StartsWith("System.GC", StringComparison.Ordinal)
                    || property.Name.StartsWith("System.Threading", StringComparison.Ordinal)
                    || property.Name.StartsWith("System.Runtime.Tiered", StringComparison.Ordinal))
                .Select(property => $"{property.Name}={property.Value}")];
        }
    }

    /// <summary>The variables of the runtime that the servers inherit, as <c>name=value</c>.</summary>
    public static IEnumerable<string> InheritedVariables => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .Select(variable => (Name: (string)variable.Key, variable.Value))
        .Where(variable => variable.Name.StartsWith("DOTNET_", StringComparison.Ordinal) && !IsOfTheSdk(variable.Name))
        .Select(variable => $"{variable.Name}={variable.Value}")
        .Order(StringComparer.Ordinal);

    private static bool IsOfTheSdk(string variable) =>
        variable.StartsWith("DOTNET_CLI", StringComparison.Ordinal)
        || variable.StartsWith("DOTNET_HOST", StringComparison.Ordinal)
        || variable is LoadGenerator.InlineCompletionsVariable
            or "DOTNET_NOLOGO" or "DOTNET_ROOT" or "DOTNET_GENERATE_ASPNET_CERTIFICATE" or "DOTNET_RUNNING_IN_CONTAINER";
}
