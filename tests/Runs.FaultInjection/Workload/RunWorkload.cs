using Runs.FaultInjection.Clients;

namespace Runs.FaultInjection.Workload;

/// <summary>
/// The life of one run from its create to its end, as one caller drives it. What happens follows from the seed and the
/// number of the run alone.
/// </summary>
internal sealed class RunWorkload
{
    private readonly Experiment _experiment;
    private readonly int _number;
    private readonly TrackedRun? _parent;
    private readonly RunCreation _creation;
    private readonly RunReads _reads;
    private readonly RunSteps _steps;
    private readonly RunAttempts _attempts;
    private readonly RunEndings _endings;

    public RunWorkload(
        Experiment experiment,
        RecordingHttpClient http,
        RecordingAmqpClient amqp,
        int number,
        TrackedRun? parent)
    {
        (_experiment, _number, _parent) = (experiment, number, parent);
        _creation = new RunCreation(experiment, http, amqp, number);
        _reads = new RunReads(experiment, http);
        _steps = new RunSteps(experiment, http, amqp, _reads);
        _attempts = new RunAttempts(experiment, amqp, _reads);
        _endings = new RunEndings(experiment, http, amqp);
    }

    /// <summary>
    /// A random number generator for each seed and run number. <see cref="HashCode"/> would differ in every process.
    /// </summary>
    public static Random CreateRandom(int seed, int number) => new(unchecked((seed * 1_000_003) ^ (number * 7_919)));

    /// <returns>The run; null if it may not exist.</returns>
    public async Task<TrackedRun?> Execute()
    {
        var random = CreateRandom(_experiment.Options.Seed, _number);
        if (await Create(random) is not { } run)
        {
            return null;
        }

        if (random.Next(4) == 0)
        {
            await _attempts.Execute(run, random);
        }
        else
        {
            await ExecuteSteps(run, random);
        }

        await Finish(run, random);
        await _reads.CheckReads(run);
        return run;
    }

    /// <summary>
    /// Creates a run that two callers end at the same time, one with a cancel and one with a complete.
    /// </summary>
    public async Task ExecuteFinishRace()
    {
        var random = CreateRandom(_experiment.Options.Seed, _number);
        var run = _experiment.TrackRun($"{_experiment.RunIdPrefix}-{_number}", null);
        await _creation.CreateOverHttp(run, _creation.CreateBody(run, random));
        await RaceToFinish(run, random);
        await _reads.CheckReads(run);
    }

    private async Task<TrackedRun?> Create(Random random)
    {
        var choice = random.Next(100);
        if (choice < 6)
        {
            return await _creation.CreateWithoutId(random);
        }

        var run = _experiment.TrackRun($"{_experiment.RunIdPrefix}-{_number}", random.Next(4) == 0 ? _parent : null);
        var body = _creation.CreateBody(run, random);
        switch (choice)
        {
            case < 50:
                await _creation.CreateOverHttp(run, body);
                break;
            case < 65:
                await _creation.CreateOverAmqp(run, body);
                break;
            case < 75 when run.Parent is null: // the create of a child can be rejected, and without a reply that is not known
                await _creation.PublishCreate(run, body);
                await _reads.WaitUntilReadable(run);
                break;
            case < 96:
                await Task.WhenAll(Enumerable
                    .Range(0, random.Next(2, 4))
                    .Select(_ => _creation.CreateOverHttp(run, body))
                    .Append(_creation.CreateOverAmqp(run, body)));
                break;
            default: // a cancel without a reply is kept until the create
                await _endings.PublishCancel(run);
                await _creation.CreateOverHttp(run, body);
                break;
        }

        return run.MustExist ? run : null; // the create was rejected
    }

    private async Task ExecuteSteps(TrackedRun run, Random random)
    {
        for (var steps = random.Next(0, 5); steps > 0; steps--)
        {
            if (!await ExecuteStep(run, random))
            {
                return;
            }
        }
    }

    /// <returns>False when the run accepts no more steps.</returns>
    private async Task<bool> ExecuteStep(TrackedRun run, Random random)
    {
        switch (random.Next(10))
        {
            case < 6:
                return await _steps.Append(run, random);
            case < 8:
                return await _steps.WaitAndResume(run, random);
            default:
                await _reads.CheckReads(run);
                return true;
        }
    }

    private async Task Finish(TrackedRun run, Random random)
    {
        switch (random.Next(100))
        {
            case < 25:
                await _endings.Cancel(run, random);
                break;
            case < 70:
                await _endings.Complete(run, random.Next(4) == 0 ? "failed" : "completed", random);
                break;
            case < 80:
                await RaceToFinish(run, random);
                break;
            case < 85:
                await _endings.PublishCancel(run);
                break;
            case < 90:
                await _endings.PublishComplete(run);
                break;
            case < 95 when run.Parent is { } above: // which cancels this run, too, if it has not ended
                await _endings.Cancel(above, random);
                break;
            default:
                break; // the run stays as it is
        }
    }

    private Task RaceToFinish(TrackedRun run, Random random) => Task.WhenAll(
        _endings.Cancel(run, new Random(random.Next())),
        _endings.Complete(run, "completed", new Random(random.Next())));
}
