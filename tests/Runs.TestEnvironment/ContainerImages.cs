namespace Runs.TestEnvironment;

/// <summary>
/// The images of the containers: those that compose/with-docker.sh has exported, which may be stand-ins built from
/// Debian packages, or else those of compose/images.env.
/// </summary>
public static class ContainerImages
{
    public static string RabbitMq => Read("RUNS_RABBITMQ_IMAGE");

    public static string MongoDb => Read("RUNS_MONGODB_IMAGE");

    /// <summary>The image with strace; null where there is none.</summary>
    public static string? Strace => ReadVariable("RUNS_STRACE_IMAGE");

    /// <returns>Whether the image was built from Debian packages (compose/standins).</returns>
    public static bool IsStandIn(string image) => image.StartsWith("runs-standin/", StringComparison.Ordinal);

    private static string Read(string name) => ReadVariable(name) ?? ReadPinned(name);

    private static string? ReadVariable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } image ? image : null;

    private static string ReadPinned(string name)
    {
        var prefix = $"{name}=";
        return File.ReadLines(FindImageFile(new DirectoryInfo(AppContext.BaseDirectory)))
            .Single(line => line.StartsWith(prefix, StringComparison.Ordinal))[prefix.Length..];
    }

    private static string FindImageFile(DirectoryInfo? directory)
    {
        if (directory is null)
        {
            throw new FileNotFoundException("There is no compose/images.env above the directory of this program.");
        }

        var file = Path.Combine(directory.FullName, "compose", "images.env");
        return File.Exists(file) ? file : FindImageFile(directory.Parent);
    }
}
