using Runs.Contracts;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    private static readonly string[] JsonTexts =
    [
        """{"a.b":1,"$set":{"$":2},"":3,".":4,"a":{"":{"":null}},"__proto__":5,"_id":6}""",
        """{"é":"ü 🏃 \ud83c\udfc3 \u0000 \u2028","日本":"\/\"\\"}""",
        "[1e400,-1e-400,123456789012345678901234567890,1.0,-0,-0.0,1E+2,0.1000000000000000055511151231257827]",
        """{"a":1,"a":2}""",
        """{ "white" : [ 1 ,	2 ] }""",
        "\"text\"",
        "\"\"",
        "0",
        "false",
        "null",
        "{}",
        "[]",
        Nested(64),
        Nested(200),
    ];

    public static TheoryData<string> Texts => [.. JsonTexts];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task JSON_is_stored_unchanged_in_every_member(string text)
    {
        var json = new RawJson(text);
        var run = TestRuns.Create();
        run.Input = run.Config = run.Output = run.Metadata = run.Artifacts = json;
        run.Request = json;
        run.Error = new RunError { Message = "It broke.", Detail = json };
        run.Outbox = [TestRuns.CreateMessage("1") with { Body = json }];
        await Insert(run);

        TestRuns.AssertEqual(run, await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task A_JSON_null_is_distinguished_from_an_absent_value()
    {
        var run = TestRuns.Create();
        run.Output = RawJson.Null;
        await Insert(run);

        var found = await Store.Find(run.Id, default);

        Assert.Equal(RawJson.Null, found!.Output);
        Assert.Null(found.Metadata);
    }

    [Fact]
    public async Task A_large_run_is_stored_completely()
    {
        var run = await Insert(CreateLargeRun(10));

        TestRuns.AssertEqual(run, await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task Times_are_stored_with_millisecond_precision()
    {
        var run = TestRuns.Create();
        run.CreatedAt = new DateTimeOffset(1969, 12, 31, 23, 59, 59, 1, TimeSpan.Zero);
        run.UpdatedAt = new DateTimeOffset(2026, 2, 28, 23, 59, 59, 999, TimeSpan.Zero);
        run.DueAt = new DateTimeOffset(9999, 12, 31, 23, 59, 59, 999, TimeSpan.Zero);
        await Insert(run);

        TestRuns.AssertEqual(run, await Store.Find(run.Id, default));
    }

    private static Store.Run CreateLargeRun(int megabytes)
    {
        var run = TestRuns.Create();
        run.Input = new RawJson($"\"{new string('x', megabytes * 1024 * 1024)}\"");
        return run;
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
