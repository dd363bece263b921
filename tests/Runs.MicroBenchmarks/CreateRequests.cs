namespace Runs.MicroBenchmarks;

/// <summary>The create of a task run that the benchmarks read: the same request as in `make bench`.</summary>
internal static class CreateRequests
{
    public const string Request =
        """
        {"target":"task:resize-images","name":"Resize the images of an order","input":{"order_id":"a4f1c7d2",
        "images":["front.png","back.png","side.png"],"width":1280,"quality":0.85,"notify":true},"timeout_seconds":600}
        """;

    public const string Command =
        $$"""
        {"tenant":"bench","run_id":"run_1","kind":"task",
        "owner":{"kind":"project","id":"7d0f6f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10"},"request":{{Request}}}
        """;
}
