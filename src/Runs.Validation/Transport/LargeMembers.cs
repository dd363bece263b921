namespace Runs.Validation;

/// <summary>
/// The members of a run that callers and executors fill. Together they can make a reply exceed
/// <see cref="MessageTooLargeException.MaxBytes"/>: each has a size limit, but JSON escapes some text with six times as
/// many bytes. All other members together are small.
/// </summary>
internal static class LargeMembers
{
    /// <summary>
    /// Returns the reply without its large members, and lists them in <see cref="RunSnapshot.Omitted"/>.
    /// </summary>
    public static RunSnapshot Omit(RunSnapshot snapshot)
    {
        var (run, empty) = (snapshot.Run, new RawJson("[]"));
        (string Name, bool HasValue)[] members =
        [
            ("metadata", run.Metadata is not null),
            ("input", run.Input is not null),
            ("config", run.Config is not null),
            ("output", run.Output is not null),
            ("logs", run.Logs is not null),
            ("artifacts", run.Artifacts != empty),
        ];
        return snapshot with
        {
            Run = run with
            {
                Metadata = null,
                Input = null,
                Config = null,
                Output = null,
                Logs = null,
                Artifacts = empty,
            },
            Omitted = [.. members.Where(member => member.HasValue).Select(member => member.Name)],
        };
    }

    /// <summary>
    /// Returns the complete reply. The omitted members come from the stored run, where they do not change after they
    /// are set.
    /// </summary>
    public static RunSnapshot Restore(RunSnapshot snapshot, RunResource storedRun)
    {
        var omitted = snapshot.Omitted ?? [];
        return snapshot with
        {
            Run = snapshot.Run with
            {
                Metadata = omitted.Contains("metadata") ? storedRun.Metadata : snapshot.Run.Metadata,
                Input = omitted.Contains("input") ? storedRun.Input : snapshot.Run.Input,
                Config = omitted.Contains("config") ? storedRun.Config : snapshot.Run.Config,
                Output = omitted.Contains("output") ? storedRun.Output : snapshot.Run.Output,
                Logs = omitted.Contains("logs") ? storedRun.Logs : snapshot.Run.Logs,
                Artifacts = omitted.Contains("artifacts") ? storedRun.Artifacts : snapshot.Run.Artifacts,
            },
            Omitted = null,
        };
    }
}
