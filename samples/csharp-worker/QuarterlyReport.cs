using System.Text.RegularExpressions;
using Runs.Worker;

namespace Runs.Samples.Worker;

/// <summary>
/// Writes a report page after page, waits until a person approves it, and publishes it. A later attempt continues after
/// the last page that was saved.
/// </summary>
[Handles("task:quarterly-report")]
internal sealed partial class QuarterlyReport(ReportFolder reports) : IRunHandler<ReportConfig>
{
    public async Task<RunResult> Handle(RunContext<ReportConfig> run, CancellationToken stop)
    {
        var (quarter, pages) = (run.Config.Quarter, run.Config.Pages);
        if (quarter is null || !Quarter().IsMatch(quarter) || pages is < 1 or > 1000)
        {
            return RunResult.Failed("INVALID_CONFIG", "quarter must be like 2026-Q3, and pages from 1 to 1000.", retryable: false);
        }

        for (var page = (run.Checkpoint<ReportProgress>()?.Pages ?? 0) + 1; page <= pages; page++)
        {
            if (run.ShuttingDown.IsCancellationRequested)
            {
                return RunResult.Release(); // another worker continues at once, and no failure is counted
            }

            await reports.WritePage(run.RunId, quarter, page, stop);
            await run.SaveCheckpoint(new ReportProgress(page), stop);
            await run.Progress((double)page / pages, $"page {page} of {pages}", stop);
        }

        if (run.Answer<Approval>("approve") is not { } answer)
        {
            // Suspends the run: it needs no worker until the answer, which may take days, and then begins an attempt.
            return RunResult.WaitApproval("approve", expiresIn: TimeSpan.FromDays(2));
        }

        return answer.Publish
            ? RunResult.Completed(new { file = await reports.Publish(run.RunId, quarter, stop) })
            : RunResult.Cancelled();
    }

    // Part of a path.
    [GeneratedRegex(@"^\d{4}-Q[1-4]\z")]
    private static partial Regex Quarter();
}
