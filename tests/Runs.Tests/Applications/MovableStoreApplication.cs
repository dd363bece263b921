namespace Runs.Tests.Applications;

/// <summary>A server whose data directory can be moved away.</summary>
public sealed class MovableStoreApplication : EmbeddedApplication
{
    private string MovedDirectory => DataDirectory + "-away";

    public void MoveAway() => Directory.Move(DataDirectory, MovedDirectory);

    public void MoveBack() => Directory.Move(MovedDirectory, DataDirectory);
}
