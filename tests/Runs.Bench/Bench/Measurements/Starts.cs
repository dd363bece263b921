using Runs.Bench.Bench.Subjects;

namespace Runs.Bench.Bench.Measurements;

/// <summary>From the start of the process to the first 202, on a store that has its indexes.</summary>
internal static class Starts
{
    public static async Task<Dictionary<string, List<double>>> Measure(BenchOptions options, Rig rig, CancellationToken cancellationToken)
    {
        string[] names = [Subject.Embedded, Subject.Ours, Subject.Textbook, Subject.Floor];
        var seconds = names.ToDictionary(name => name, _ => new List<double>());
        for (var round = -1; round < options.Rounds; round++)
        {
            foreach (var name in names)
            {
                await using var subject = await Subject.Start(name, rig, cancellationToken, $"starts_{name}");
                if (round >= 0)
                {
                    seconds[name].Add(subject.Process.StartTime.TotalSeconds);
                    Progress.Say($"{name} started in {subject.Process.StartTime.TotalSeconds:0.00} s");
                }
            }
        }

        return seconds;
    }
}
