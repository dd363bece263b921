namespace Runs.Tests.ScriptedMongo;

/// <summary>Error codes of the server that the store does not handle specially.</summary>
internal static class TransientErrorCodes
{
    public const int NotWritablePrimary = 10107;
    public const int Interrupted = 11601;
}
