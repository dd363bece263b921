using System.Text.Json;

namespace Runs.Benchmarks.Comparison;

/// <summary>The JSON file of a result.</summary>
internal sealed record BenchmarkResultFile
{
    /// <summary>Changes when figures or members of earlier files can no longer be read.</summary>
    public const int CurrentSchemaVersion = 1;

    private static readonly JsonSerializerOptions SerializerOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    public required int SchemaVersion { get; init; }

    public required DateTimeOffset MeasuredAt { get; init; }

    /// <summary>The version of the server, with its commit if the build knew it.</summary>
    public required string Build { get; init; }

    /// <summary>The command that was executed.</summary>
    public required string Command { get; init; }

    /// <summary>The machine, the images and the environment of the servers.</summary>
    public required IReadOnlyList<string> Machine { get; init; }

    /// <summary>How long each part took, in seconds.</summary>
    public required IReadOnlyDictionary<string, double> PartSeconds { get; init; }

    public required IReadOnlyList<GoalResult> Goals { get; init; }

    public required IReadOnlyList<Figure> Figures { get; init; }

    /// <exception cref="InvalidDataException">The file is not a result of this schema version.</exception>
    public static BenchmarkResultFile Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.TryGetProperty("schema_version", out var version) && version.TryGetInt32(out var number)
                && number == CurrentSchemaVersion
                ? document.Deserialize<BenchmarkResultFile>(SerializerOptions)!
                : throw new InvalidDataException($"The result does not have the schema version {CurrentSchemaVersion}.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException("The result is not valid JSON.", exception);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, SerializerOptions).ReplaceLineEndings("\n") + "\n";
}
