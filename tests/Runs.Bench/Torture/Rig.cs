namespace Runs.Bench.Torture;

/// <summary>Everything that a scenario works with.</summary>
internal sealed class Rig : IAsyncDisposable
{
    private readonly List<BrokerCaller> _brokers;

    public Rig(Stage stage)
    {
        Stage = stage;
        Http = new HttpCaller(stage);
        Harm = new Harm(stage);
        _brokers = [.. Enumerable.Range(0, 4).Select(_ => new BrokerCaller(stage))];
        Load = new Load(stage, Http, _brokers);
    }

    public Stage Stage { get; }

    public TortureOptions Options => Stage.Options;

    public HttpCaller Http { get; }

    public Harm Harm { get; }

    public Load Load { get; }

    public BrokerCaller Broker => _brokers[0];

    /// <summary>Commands that cannot be right, sent by the scenario.</summary>
    public int Poisoned { get; set; }

    /// <summary>Replies that came again: their commands were delivered again.</summary>
    public int RepeatedReplies => _brokers.Sum(broker => broker.RepeatedReplies);

    /// <summary>A full or a short value.</summary>
    public T Pick<T>(T full, T @short) => Options.Short ? @short : full;

    /// <summary>Mixed lives while faults happen, then the first 202 after the last fault.</summary>
    public async Task Endure(int creates, TimeSpan duration, Func<TimeSpan, IReadOnlyList<Fault>> faults)
    {
        (creates, duration) = (Options.Creates ?? creates, Options.Duration ?? duration);
        var load = Load.Run(0, creates, Options.Callers, duration, life => life.Live());
        await Harm.Do(Stage.Deployment.IsOurs ? faults(duration) : []);
        if (Harm.Ends.Count > 0)
        {
            await Recover();
        }

        await Serve(load);
    }

    /// <summary>Waits until every caller has been served. When three minutes pass in which none is, those who wait have been let down.</summary>
    public async Task Serve(Task load)
    {
        for (var before = -1; await Task.WhenAny(load, Task.Delay(TimeSpan.FromMinutes(3))) != load; before = Load.Done)
        {
            if (Load.Done == before)
            {
                await Stage.GivingUp.CancelAsync();
            }
        }

        await load;
    }

    /// <summary>Creates runs until one is answered 202.</summary>
    public async Task Recover()
    {
        var over = Harm.Ends.Max();
        for (var attempt = 0; ; attempt++)
        {
            if (Watch.Seconds - over > 180)
            {
                Stage.Violations.Add(Promises.Recovery, "there was none for three minutes");
                return;
            }

            var id = $"{Stage.Name}-probe-{attempt}";
            var body = $$"""{"kind":"task","public_id":"{{id}}","owner":{"kind":"project","id":"{{Stage.Project}}"},"request":{"target":"task:probe"} }""";
            var answer = await Http.Once(HttpMethod.Post, "/runs", body, "create", id, 1);
            if (answer.Status == 202)
            {
                Stage.NewSubject(id, null).Created(!answer.Body.GetProperty("duplicate").GetBoolean());
                break;
            }

            await Task.Delay(100);
        }

        var first = Stage.History.Calls.Where(call => call is { Call: "create", Answer: "202" } && call.End > over).Min(call => call.End) - over;
        Stage.Figures.Enqueue(("first 202 after the last fault", $"{first:0.0} s"));
        if (first > 10)
        {
            Stage.Violations.Add(Promises.Recovery, $"it took {first:0.0} s");
        }
    }

    /// <summary>Each address creates runs again, not only the others, within two minutes: one to see that it does not, one to be started anew.</summary>
    public async Task EveryServerServes()
    {
        for (var server = 0; server < Stage.Addresses.Count; server++)
        {
            var (from, answer) = (Watch.Seconds, default(HttpAnswer));
            for (var attempt = 1; answer.Status != 202 && Watch.Seconds - from < 120; attempt++)
            {
                var id = $"{Stage.Name}-last-{server}-{attempt}";
                var body = $$"""{"kind":"task","public_id":"{{id}}","owner":{"kind":"project","id":"{{Stage.Project}}"},"request":{"target":"task:last"} }""";
                answer = await Http.Once(HttpMethod.Post, "/runs", body, "create", id, attempt, server: server);
                await Task.Delay(answer.Status == 202 ? 0 : 500);
            }

            Stage.Figures.Enqueue(($"{Stage.NameOf(server)} serves again after", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Watch.Seconds - from:0.0} s")));
            if (answer.Status != 202)
            {
                Stage.Violations.Add(Promises.NoHelp, $"{Stage.NameOf(server)} answers no command any more: {answer.Status} {answer.Code}");
            }
        }

        try
        {
            await Stage.Deployment.IsReady(TimeSpan.FromMinutes(2));
        }
        catch (TimeoutException trouble)
        {
            Stage.Violations.Add(Promises.NoHelp, trouble.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var broker in _brokers)
        {
            await broker.DisposeAsync();
        }

        Http.Dispose();
    }
}
