namespace Runs.EndToEnd.Tests;

public sealed class EmbeddedNpmClientTests() : NpmClientTests(new EmbeddedApplication());
