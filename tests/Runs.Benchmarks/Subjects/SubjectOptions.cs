using Runs.TestEnvironment;

namespace Runs.Benchmarks.Subjects;

/// <summary>How to start a subject.</summary>
/// <param name="Name">The name of the subject, or of another build of Runs.</param>
/// <param name="Services">
/// The broker and the store. Subjects of the same kind on one virtual host share their queues: only one of them may
/// create runs.
/// </param>
internal sealed record SubjectOptions(string Name, ServiceEndpoints Services)
{
    /// <summary>The database of the subject.</summary>
    public string Database { get; init; } = $"bench_{Name.Replace('-', '_')}";

    public Readiness Readiness { get; init; } = Readiness.FirstCreate;

    /// <summary>The number before that of the first run that is created after the subject is ready.</summary>
    public long LastRunNumber { get; init; }

    /// <summary>The directory of another build of Runs; null for this build.</summary>
    public string? BuildDirectory { get; init; }

    /// <summary>Settings of a Runs server that override the others.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();
}
