namespace Runs.EndToEnd.Tests;

public sealed class EmbeddedStreamReconnectTests(EmbeddedApplication application)
    : StreamReconnectTests(application), IClassFixture<EmbeddedApplication>;
