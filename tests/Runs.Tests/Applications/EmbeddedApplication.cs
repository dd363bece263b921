namespace Runs.Tests.Applications;

/// <summary>The embedded default: a broker in the process and a SQLite file.</summary>
public class EmbeddedApplication : RunsApplication
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("runs-tests-");
    private readonly Dictionary<string, string?> _settings = [];

    public EmbeddedApplication()
    {
    }

    /// <summary>Adds <paramref name="settings"/> to those of the tests.</summary>
    protected EmbeddedApplication(Dictionary<string, string?> settings) => _settings = settings;

    protected string DataDirectory => _data.FullName;

    protected override Task<Dictionary<string, string?>> CreateSettings() =>
        Task.FromResult(new Dictionary<string, string?>(_settings) { ["Sqlite:DataDirectory"] = DataDirectory });

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _data.Delete(recursive: true);
    }
}
