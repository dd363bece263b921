namespace Runs.Tests.Stores;

/// <summary>A test that mounts a small disk.</summary>
public sealed class MountFactAttribute : FactAttribute
{
    public MountFactAttribute() => Skip = SmallFileSystem.IsSupported ? null : "Needs root on Linux, to mount a small file system.";
}
