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
    public async Task Json_comes_back_as_it_was_sent_wherever_it_stands(string text)
    {
        var json = new RawJson(text);
        var run = StoredRun.New();
        run.Input = run.Config = run.Output = run.Metadata = run.Artifacts = json;
        run.Request = json;
        run.Error = new RunError { Message = "It broke.", Detail = json };
        run.Outbox = [StoredRun.Message("1") with { Body = json }];
        await Inserted(run);

        StoredRun.AssertSame(run, await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task A_null_that_was_sent_is_told_from_nothing()
    {
        var run = StoredRun.New();
        run.Output = RawJson.Null;
        await Inserted(run);

        var found = await Store.Find(run.Id, default);

        Assert.Equal(RawJson.Null, found!.Output);
        Assert.Null(found.Metadata);
    }

    [Fact]
    public async Task A_large_run_is_found_as_it_was()
    {
        var run = await Inserted(Large(10));

        StoredRun.AssertSame(run, await Store.Find(run.Id, default));
    }

    [Fact]
    public async Task Times_are_kept_to_the_millisecond()
    {
        var run = StoredRun.New();
        run.CreatedAt = new DateTimeOffset(1969, 12, 31, 23, 59, 59, 1, TimeSpan.Zero);
        run.UpdatedAt = new DateTimeOffset(2026, 2, 28, 23, 59, 59, 999, TimeSpan.Zero);
        run.DueAt = new DateTimeOffset(9999, 12, 31, 23, 59, 59, 999, TimeSpan.Zero);
        await Inserted(run);

        StoredRun.AssertSame(run, await Store.Find(run.Id, default));
    }

    private static Store.Run Large(int megabytes)
    {
        var run = StoredRun.New();
        run.Input = new RawJson($"\"{new string('x', megabytes * 1024 * 1024)}\"");
        return run;
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
