namespace Runs.TestEnvironment;

/// <summary>
/// The images that compose/with-docker.sh chose: those of compose/images.env, or the substitutes built from Debian
/// packages.
/// </summary>
public static class ContainerImages
{
    public static string RabbitMq => Read("RUNS_RABBITMQ_IMAGE");

    public static string MongoDb => Read("RUNS_MONGODB_IMAGE");

    /// <summary>The image with strace; null where there is none.</summary>
    public static string? Strace => Environment.GetEnvironmentVariable("RUNS_STRACE_IMAGE") is { Length: > 0 } image ? image : null;

    private static string Read(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } image
        ? image
        : throw new InvalidOperationException($"{variable} is not set: `make bench` and `make torture` choose the images.");
}
