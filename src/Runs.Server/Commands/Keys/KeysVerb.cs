namespace Runs.Server.Commands;

/// <summary>What <see cref="KeysCommand"/> does.</summary>
internal enum KeysVerb
{
    Create,
    List,
    Revoke,
    Rotate,
}
