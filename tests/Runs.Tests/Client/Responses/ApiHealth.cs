using System.Text.Json;

namespace Runs.Tests.Client;

/// <summary>The response of a health endpoint.</summary>
public sealed record ApiHealth(string Status, string Commands, Dictionary<string, JsonElement> Checks);
