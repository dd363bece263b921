namespace Runs.Samples.Worker;

/// <summary>
/// The folder of the reports, with a folder for each run: the characters of a run's id are safe in a path. A worker
/// that continues a run needs the same folder. Every operation may be repeated.
/// </summary>
internal sealed class ReportFolder(string path)
{
    /// <summary>Writes a page of a run's draft. A repeat replaces the page.</summary>
    public async Task WritePage(string runId, string quarter, int page, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken); // your work
        var draft = Directory.CreateDirectory(Path.Combine(path, runId, "draft"));
        await File.WriteAllTextAsync(Path.Combine(draft.FullName, $"{page:D4}.txt"), $"{quarter}, page {page}\n", cancellationToken);
    }

    /// <summary>Joins the pages of a run.</summary>
    /// <returns>The file of the report.</returns>
    public async Task<string> Publish(string runId, string quarter, CancellationToken cancellationToken)
    {
        var pages = Directory.GetFiles(Path.Combine(path, runId, "draft")).Order(StringComparer.Ordinal);
        var texts = await Task.WhenAll(pages.Select(page => File.ReadAllTextAsync(page, cancellationToken)));
        var file = Path.GetFullPath(Path.Combine(path, runId, $"{quarter}.txt"));
        await File.WriteAllTextAsync(file, string.Concat(texts), cancellationToken);
        return file;
    }
}
