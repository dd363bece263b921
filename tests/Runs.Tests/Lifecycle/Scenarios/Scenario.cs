namespace Runs.Tests.Lifecycle;

/// <summary>
/// A tree of three runs in one conversation. Executes operations on them over HTTP and the broker, and verifies the
/// runs after each operation.
/// </summary>
internal sealed class Scenario
{
    private readonly RunsApplication _application;
    private readonly Guid _conversation = Guid.CreateVersion7();
    private readonly RunOracle[] _runs;
    private readonly ScenarioOperations _operations;

    public Scenario(RunsApplication application)
    {
        _application = application;
        var root = new RunOracle(application, _conversation, parent: null);
        var child = new RunOracle(application, _conversation, root);
        _runs = [root, child, new RunOracle(application, _conversation, child)];
        _operations = new ScenarioOperations(application, _conversation, _runs);
    }

    /// <summary>
    /// Executes the operations, and verifies all runs after each one or each group of concurrent ones.
    /// </summary>
    public async Task Execute(IReadOnlyList<Operation> operations)
    {
        for (var next = 0; next < operations.Count;)
        {
            var concurrent = new List<Task>();
            do
            {
                concurrent.Add(_operations.Execute(operations[next++]));
            }
            while (next < operations.Count && operations[next].IsConcurrent);

            await Task.WhenAll(concurrent);
            await VerifyRuns();
        }

        await Eventually.Holds(async () =>
        {
            await VerifyRuns();
            return _operations.HaveCancelledDescendantsFinished
                && !_runs.Any(run => run.IsOverdue || run.IsActiveBelowACancelledRun);
        });
    }

    /// <summary>Reads every run and compares it with all earlier replies and reads.</summary>
    public async Task VerifyRuns()
    {
        var acknowledged = _runs.Where(run => run.Exists).Select(run => run.Id).ToList();
        await Task.WhenAll(_runs.Select(run => run.Verify()));
        var page = await _application.Client.List<ApiConversationRun>($"/conversations/{_conversation}/runs?limit=100");
        var listed = page.Data.Select(run => run.RunId).ToList();
        Assert.Equal(listed.Distinct(), listed);
        Assert.Empty(acknowledged.Except(listed));
    }

    /// <summary>Verifies the runs again, and that their events were published.</summary>
    public Task VerifyPublishedEvents(PublishedEvents events) => Eventually.Succeeds(async () =>
    {
        await VerifyRuns();
        foreach (var run in _runs)
        {
            if (await _application.ReadVerifiedLog(run.Id) is var (stored, _))
            {
                events.AssertPublishedFor(stored);
            }
        }
    });
}
