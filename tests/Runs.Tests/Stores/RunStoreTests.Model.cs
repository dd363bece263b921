using CsCheck;
using Runs.Contracts;
using Runs.Store;

namespace Runs.Tests.Stores;

public abstract partial class RunStoreTests
{
    /// <summary>One call on one of a few runs.</summary>
    public sealed record Call(string Verb, int Run, int Version, string? Text, string Json);

    private static readonly Gen<Call[]> Calls = Gen.Select(
            Gen.OneOf("insert", "replace", "replace", "clear", "find"),
            Gen.Int[0, 2],
            Gen.Int[0, 3],
            Gen.String.Null(),
            Gen.OneOf(JsonTexts),
            (verb, run, version, text, json) => new Call(verb, run, version, text, json))
        .Array[1, 25];

    [Fact]
    public async Task Whatever_is_called_in_whatever_order_the_store_is_a_dictionary_with_versions()
    {
        await Calls.SampleAsync(AgreesWithADictionary, iter: 30, threads: 1);
    }

    private async Task AgreesWithADictionary(Call[] calls)
    {
        var blanks = new[] { StoredRun.New(), StoredRun.New(), StoredRun.New() };
        var model = new Dictionary<Guid, Run>();
        foreach (var call in calls)
        {
            var blank = blanks[call.Run];
            var stored = model.GetValueOrDefault(blank.Id);
            var written = blank.Next(next =>
            {
                next.Version = call.Version + 1;
                next.Name = call.Text;
                next.Output = call.Text is null ? null : new RawJson(call.Json);
                next.Outbox = call.Version == 3 ? [] : [StoredRun.Message("1"), StoredRun.Message("2")];
                next.DueAt = call.Version == 2 ? null : StoredRun.Noon.AddMilliseconds(call.Version);
            });
            switch (call.Verb)
            {
                case "insert":
                    Assert.Equal(model.TryAdd(blank.Id, written), await Store.TryInsert(written, default));
                    break;
                case "replace":
                    var expected = stored?.Version == call.Version;
                    Assert.Equal(expected, await Store.TryReplace(written, new RunStamp(call.Version, 0), default));
                    if (expected)
                    {
                        model[blank.Id] = written;
                    }

                    break;
                case "clear":
                    await Store.ClearOutbox([Sent(blank, "2")], default);
                    stored?.Outbox.RemoveAll(message => message == StoredRun.Message("2"));
                    break;
            }

            if (model.GetValueOrDefault(blank.Id) is { } kept)
            {
                StoredRun.AssertSame(kept, await Store.Find(blank.Id, default));
            }
            else
            {
                Assert.Null(await Store.Find(blank.Id, default));
            }
        }
    }
}
