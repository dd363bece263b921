/// <summary>
/// The runtime loads this assembly into a server and calls the method, whose name and type are fixed. It has nothing to
/// do: from then on, the framework finds the assembly by its name.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
    }
}
