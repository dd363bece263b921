using System.Text;
using System.Text.Json;
using CsCheck;
using MassTransit;
using Runs.Contracts;
using Runs.Store;
using Runs.Tests.Messaging;
using Runs.Tests.Stores;
using static Runs.Tests.Lifecycle.LifecycleData;

namespace Runs.Tests.Batches;

/// <summary>
/// The wire format of batches: what is written is read again, and anything else is rejected with one cause.
/// </summary>
public sealed class BatchFormatTests
{
    private const string Id = "5f0c7f0e-5a0c-4c0f-9d0b-1f6a2f9f2a10";

    private static readonly string[] Texts = ["", "run_1", "ä😀", "\0\u001f\"\\", "</script>", "2026-11-27T10:00:00Z"];

    private static readonly string[] Values =
        ["null", "0", "1e400", "\"\\u00e4\\\"\"", "{}", "[1, 2]", """{"a": {"b": [null, {"c": 1.50}]}}""", Nested(60)];

    private static readonly Gen<object> Commands = Gen.Select(
        Gen.Int[0, 5], DeliveryGenerators.OneOf(Texts), DeliveryGenerators.OneOf(Values), Gen.Bool,
        (type, text, value, flag) => (object)(type switch
        {
            0 => Create("agent", value) with { Strict = flag, Actor = new Actor { Type = text }, ExpiresAt = TimeIf(flag) },
            1 => Start() with { Event = flag ? new RawJson(value) : null, TraceId = text },
            2 => Wait(text) with { InputRequest = flag ? Form() : null, ExpiresAt = TimeIf(flag) },
            3 => Resume(text, value) with { IsError = flag },
            4 => Complete() with { Output = new RawJson(value), Logs = text, ExitCode = flag ? 1 : null },
            _ => Cancel() with { TraceId = text },
        }));

    [Fact]
    public void Commands_are_read_as_they_were_written() => Gen.Select(Gen.Guid, Commands).List[1, 5].Sample(commands =>
    {
        var read = BatchFormat.Commands.Read(Encode(BatchFormat.Commands, commands));

        Assert.Equal(
            commands.Select(command => (command.Item1, command.Item2.GetType(), ToJson(command.Item2))),
            read.Select(item => (item.MessageId, item.GetMessage().GetType(), ToJson(item.GetMessage()))));
    });

    [Fact]
    public void Damaged_batches_are_read_or_rejected_with_one_cause() =>
        Gen.Select(Gen.Select(Gen.Guid, Commands).List[1, 3], Gen.Int[0, 10_000], Gen.Byte, Gen.Bool).Sample(
            (commands, position, value, cut) =>
            {
                var bytes = Encode(BatchFormat.Commands, commands);
                position %= bytes.Length;
                bytes[position] = value;
                return IsReadOrRejected(cut ? bytes[..position] : bytes);
            },
            iter: 5_000);

    [Fact]
    public void Random_bytes_are_rejected_with_one_cause() =>
        Gen.OneOf(Gen.Byte.Array[0, 60], Gen.String[0, 60].Select(Encoding.UTF8.GetBytes)).Sample(IsReadOrRejected, iter: 5_000);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[")]
    [InlineData("[1]")]
    [InlineData("[{}]")]
    [InlineData("""[{"type":"CancelRun","command":{"tenant":"acme","run_id":"run_1"}}]""")]
    [InlineData("""[{"message_id":"5"}]""")]
    [InlineData("[] []")]
    public void A_body_that_is_no_batch_is_rejected(string json)
    {
        var rejected = Assert.Throws<InvalidBatchException>(() => BatchFormat.Commands.Read(Encoding.UTF8.GetBytes(json)));

        Assert.StartsWith("The batch cannot be read: ", rejected.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"CancelRun","message_id":"ID","command":{"tenant":"acme"}}""", "run_id")]
    [InlineData("""{"type":"CancelRun","message_id":"ID","command":null}""", "is null")]
    [InlineData("""{"type":"CancelRun","message_id":"ID","command":[1]}""", "cannot be read")]
    [InlineData("""{"type":"RunDue","message_id":"ID","command":{"tenant":"acme","run_id":"run_1"}}""", "unknown type")]
    [InlineData("""{"message_id":"ID","command":{},"type":"CancelRun"}""", "precedes its type")]
    [InlineData("""{"type":"CancelRun","message_id":"ID"}""", "has no command")]
    public void A_command_that_cannot_be_read_does_not_affect_the_others(string item, string cause)
    {
        var other = BatchFormat.Commands.WriteItem(NewId.NextGuid(), Start() with { RunId = "run_2" });
        var damaged = Encoding.UTF8.GetBytes(item.Replace("ID", Id, StringComparison.Ordinal));

        var read = BatchFormat.Commands.Read(new EncodedBatch(BatchFormat.Commands, [damaged, other]).ToJson());

        var unreadable = Assert.IsType<UnreadableItem>(read[0]);
        Assert.Equal(new Guid(Id), unreadable.MessageId);
        Assert.Contains(cause, unreadable.Error, StringComparison.Ordinal);
        Assert.Equal(damaged, unreadable.Json.ToArray());
        Assert.Equal(Start() with { RunId = "run_2" }, read[1].GetMessage());
    }

    [Theory]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData(null)]
    public void The_span_of_the_caller_belongs_to_its_command(string? traceParent)
    {
        var item = BatchFormat.Commands.WriteItem(new Guid(Id), Cancel(), traceParent);

        var read = Assert.Single(BatchFormat.Commands.Read(new EncodedBatch(BatchFormat.Commands, [item]).ToJson()));

        Assert.Equal(new BatchedMessage(new Guid(Id), Cancel()) { TraceParent = traceParent }, read);
    }

    [Fact]
    public void Members_that_a_later_release_adds_are_ignored()
    {
        var json = """
            [{"type":"CancelRun","new":{"a":[1]},"message_id":"ID","command":{"tenant":"acme","run_id":"run_1","new":1},"z":0}]
            """.Replace("ID", Id, StringComparison.Ordinal);

        Assert.Equal(Cancel(), Assert.Single(BatchFormat.Commands.Read(Encoding.UTF8.GetBytes(json))).GetMessage());
    }

    [Theory]
    [InlineData("application/vnd.runs.commands+json; version=1", true)]
    [InlineData("application/vnd.runs.commands+json;version=1", true)]
    [InlineData("application/vnd.runs.commands+json; version=2", false)]
    [InlineData("application/vnd.runs.commands+json", false)]
    [InlineData(null, false)]
    public void Only_the_version_of_this_release_is_supported(string? contentType, bool isSupported) =>
        Assert.Equal(isSupported, BatchFormat.IsSupported(contentType));

    [Fact]
    public void A_reply_that_exceeds_the_size_of_a_message_omits_its_large_members()
    {
        var run = TestRuns.Create().ToResource() with { Output = new RawJson($"\"{new string('x', MessageTooLargeException.MaxBytes)}\"") };

        var written = BatchFormat.Replies.WriteItem(Guid.Empty, new RunSnapshot { Run = run, Changed = true });

        var read = BatchFormat.Replies.Read(new EncodedBatch(BatchFormat.Replies, [written]).ToJson());
        var reply = (RunSnapshot)Assert.Single(read).GetMessage();
        Assert.Equal(["output"], reply.Omitted!);
        Assert.Null(reply.Run.Output);
    }

    [Fact]
    public void Replies_are_split_into_batches_of_at_most_one_mebibyte()
    {
        var items = new[] { 600, 400, 200, 2_000, 100 }.Select(kib => (ReadOnlyMemory<byte>)new byte[kib * 1024]);

        var batches = EncodedBatch.Split(BatchFormat.Replies, items);

        Assert.Equal([2, 1, 1, 1], batches.Select(batch => batch.Count));
    }

    private static DateTimeOffset? TimeIf(bool flag) => flag ? DateTimeOffset.UnixEpoch : null;

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);

    private static string ToJson(object message) => JsonSerializer.Serialize(message, message.GetType());

    private static byte[] Encode(BatchFormat format, IEnumerable<(Guid MessageId, object Message)> messages) =>
        new EncodedBatch(format, [.. messages.Select(message => format.WriteItem(message.MessageId, message.Message))]).ToJson();

    private static bool IsReadOrRejected(byte[] bytes)
    {
        try
        {
            return BatchFormat.Commands.Read(bytes)
                .All(item => item is BatchedMessage or UnreadableItem { Error.Length: > 0, Json.Length: > 0 });
        }
        catch (InvalidBatchException rejected)
        {
            return rejected.Message.Length > 0;
        }
    }
}
