namespace Runs.EndToEnd.Tests;

public sealed class EmbeddedProcessKillTests : ProcessKillTests, IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("runs-killed-");

    protected override Task<Dictionary<string, string?>> Settings() =>
        Task.FromResult(new Dictionary<string, string?> { ["Sqlite:DataDirectory"] = _data.FullName });

    public void Dispose() => _data.Delete(recursive: true);
}
