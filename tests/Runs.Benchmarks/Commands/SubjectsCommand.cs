using System.CommandLine;
using Runs.Benchmarks.Measurements;
using Runs.Benchmarks.Subjects;

namespace Runs.Benchmarks.Commands;

/// <summary>
/// Starts servers for another load generator and stops them at the end of standard input: wrk/compare.sh uses it.
/// </summary>
internal static class SubjectsCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("subjects")
        {
            Description = "The servers to start.",
            Arity = ArgumentArity.OneOrMore,
        };
        names.AcceptOnlyFromAmong([.. BenchmarkSubject.Descriptions.Keys]);
        var command = new Command("subjects", "Starts servers for another load generator, until standard input ends.") { names };
        command.SetAction((result, cancellationToken) => Run(result.GetRequiredValue(names), cancellationToken));
        return command;
    }

    /// <summary>
    /// Writes a line for each server with its name and its port, then the credential, then "ready".
    /// </summary>
    private static async Task Run(string[] names, CancellationToken cancellationToken)
    {
        await using var environment = await BenchmarkEnvironment.Start();
        var subjects = new List<BenchmarkSubject>();
        try
        {
            foreach (var name in names.Distinct())
            {
                subjects.Add(await BenchmarkSubject.Start(new SubjectOptions(name, environment.Services), cancellationToken));
                await Console.Out.WriteLineAsync($"{name} {subjects[^1].Process.Port}");
            }

            await Console.Out.WriteLineAsync(BenchmarkSubject.AuthorizationHeader.TrimEnd());
            await Console.Out.WriteLineAsync("ready");
            await Console.In.ReadLineAsync(cancellationToken);
        }
        finally
        {
            foreach (var subject in subjects)
            {
                await subject.DisposeAsync();
            }
        }
    }
}
