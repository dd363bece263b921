namespace Runs.Contracts;

/// <summary>
/// The members of a run that callers and executors fill. They can make an answer exceed <see cref="MessageTooLargeException.MaxBytes"/>: each of them is limited, but JSON
/// escapes some text with six times as many bytes. All other members together are small.
/// </summary>
internal static class LargeMembers
{
    /// <summary>The answer without its large members. They are named in <see cref="RunSnapshot.Omitted"/>.</summary>
    public static RunSnapshot Omit(RunSnapshot answer)
    {
        var (run, empty) = (answer.Run, new RawJson("[]"));
        (string Name, bool HasValue)[] members =
        [
            ("metadata", run.Metadata is not null), ("input", run.Input is not null), ("config", run.Config is not null), ("output", run.Output is not null),
            ("logs", run.Logs is not null), ("artifacts", run.Artifacts != empty),
        ];
        return answer with
        {
            Run = run with { Metadata = null, Input = null, Config = null, Output = null, Logs = null, Artifacts = empty },
            Omitted = [.. members.Where(member => member.HasValue).Select(member => member.Name)],
        };
    }

    /// <summary>The complete answer. What it omits is taken from the stored run, and does not change once it is there.</summary>
    public static RunSnapshot Restore(RunSnapshot answer, RunResource stored)
    {
        var omitted = answer.Omitted ?? [];
        return answer with
        {
            Run = answer.Run with
            {
                Metadata = omitted.Contains("metadata") ? stored.Metadata : answer.Run.Metadata,
                Input = omitted.Contains("input") ? stored.Input : answer.Run.Input,
                Config = omitted.Contains("config") ? stored.Config : answer.Run.Config,
                Output = omitted.Contains("output") ? stored.Output : answer.Run.Output,
                Logs = omitted.Contains("logs") ? stored.Logs : answer.Run.Logs,
                Artifacts = omitted.Contains("artifacts") ? stored.Artifacts : answer.Run.Artifacts,
            },
            Omitted = null,
        };
    }
}
