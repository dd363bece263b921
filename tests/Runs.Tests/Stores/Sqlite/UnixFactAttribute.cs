namespace Runs.Tests.Stores;

/// <summary>A test of file permissions.</summary>
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows has no file modes." : null;
}
