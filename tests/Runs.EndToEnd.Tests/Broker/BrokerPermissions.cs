namespace Runs.EndToEnd.Tests;

/// <summary>Regular expressions for names, with the member names of the management API.</summary>
internal sealed record BrokerPermissions(string Configure, string Write, string Read);
