namespace Runs.Tests.Http;

/// <summary>The token of an event writer is checked without the store.</summary>
public sealed class EventWriterStoreCallTests(InterceptedApplication application) : IClassFixture<InterceptedApplication>
{
    [Fact]
    public async Task A_token_for_another_run_is_rejected_without_a_store_call()
    {
        using var worker = await TestWorker.Register(application);
        await worker.CreateTask();
        using var writer = application.CreateClient((await worker.ClaimTask()).RunEventToken);
        var calls = 0;
        application.InterceptedStore.OnCall = method => calls += method.StartsWith("Find", StringComparison.Ordinal) ? 1 : 0;

        Assert.Equal(403, (await writer.Post("/runs/another/events", """{"events":[{"type":"CUSTOM"}]}""")).Status);

        application.InterceptedStore.OnCall = null;
        Assert.Equal(0, calls);
    }
}
