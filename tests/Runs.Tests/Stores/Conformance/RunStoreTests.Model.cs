using CsCheck;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    /// <summary>One call on one of a few runs.</summary>
    public sealed record StoreOperation(string Verb, int Run, int Version, string? Text, string Json);

    private static Gen<StoreOperation[]> OperationSequences => Gen.Select(
            Gen.OneOf("insert", "replace", "replace", "clear", "find"),
            Gen.Int[0, 2],
            Gen.Int[0, 3],
            Gen.String.Null(),
            Gen.OneOf(JsonTexts),
            (verb, run, version, text, json) => new StoreOperation(verb, run, version, text, json))
        .Array[1, 25];

    [Fact]
    public async Task Random_call_sequences_match_a_versioned_dictionary()
    {
        await OperationSequences.SampleAsync(AssertMatchesModel, iter: 30, threads: 1);
    }

    private async Task AssertMatchesModel(StoreOperation[] calls)
    {
        var blanks = new[] { TestRuns.Create(), TestRuns.Create(), TestRuns.Create() };
        var model = new Dictionary<Guid, Run>();
        foreach (var call in calls)
        {
            var blank = blanks[call.Run];
            var stored = model.GetValueOrDefault(blank.Id);
            var written = blank.NextVersion(next =>
            {
                next.Version = call.Version + 1;
                next.Name = call.Text;
                next.Output = call.Text is null ? null : new RawJson(call.Json);
                next.Outbox = call.Version == 3 ? [] : [TestRuns.CreateMessage("1"), TestRuns.CreateMessage("2")];
                next.DueAt = call.Version == 2 ? null : TestRuns.Noon.AddMilliseconds(call.Version);
            });
            switch (call.Verb)
            {
                case "insert":
                    Assert.Equal(model.TryAdd(blank.Id, written), await Store.TryInsert(written, default));
                    break;
                case "replace":
                    var expected = stored?.Version == call.Version;
                    Assert.Equal(expected, await Store.TryReplace(written, new RunVersion(call.Version, 0), default));
                    if (expected)
                    {
                        model[blank.Id] = written;
                    }

                    break;
                case "clear":
                    await Store.ClearOutbox([Dispatched(blank, "2")], default);
                    stored?.Outbox.RemoveAll(message => message == TestRuns.CreateMessage("2"));
                    break;
            }

            if (model.GetValueOrDefault(blank.Id) is { } kept)
            {
                TestRuns.AssertEqual(kept, await Store.Find(blank.Id, default));
            }
            else
            {
                Assert.Null(await Store.Find(blank.Id, default));
            }
        }
    }
}
