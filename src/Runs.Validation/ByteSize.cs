namespace Runs.Validation;

/// <summary>Units of sizes in bytes.</summary>
internal static class ByteSize
{
    public const int KiB = 1024;
    public const int MiB = 1024 * KiB;
}
