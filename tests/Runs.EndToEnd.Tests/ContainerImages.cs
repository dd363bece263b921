namespace Runs.EndToEnd.Tests;

/// <summary>The images that the tests run on: from the environment, or those that <c>compose/images.env</c> names.</summary>
public static class ContainerImages
{
    public static string RabbitMq => GetName("RUNS_RABBITMQ_IMAGE");

    public static string MongoDb => GetName("RUNS_MONGODB_IMAGE");

    /// <returns>Whether the image was built from Debian packages (compose/standins).</returns>
    public static bool IsStandIn(string image) => image.StartsWith("runs-standin/", StringComparison.Ordinal);

    private static string GetName(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } image ? image : GetPinned(name);

    private static string GetPinned(string name)
    {
        var prefix = $"{name}=";
        return File.ReadLines(Path.Combine(Repository.Root, "compose", "images.env"))
            .Single(line => line.StartsWith(prefix, StringComparison.Ordinal))[prefix.Length..];
    }
}
