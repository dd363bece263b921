using System.Text;
using BenchmarkDotNet.Attributes;
using MassTransit;
using RabbitMQ.Client;
using Runs.Contracts;
using Runs.Server.Inbound;

namespace Runs.MicroBenchmarks;

/// <summary>The parsing of a delivered create into a command, from raw JSON and from a MassTransit envelope.</summary>
public class CommandReaderBenchmarks
{
    private const string Exchange = "runs.create-run";

    private readonly CommandReader _reader = new(
        new Dictionary<string, Type> { [Exchange] = typeof(CreateRun) },
        new ReplyQueuePolicy([]),
        new PublisherPermissions(new Dictionary<string, Publisher>(), "", "runs-commands"));

    private readonly Delivery _rawJson = new(
        Exchange,
        new BasicProperties { ContentType = "application/json" },
        Encoding.UTF8.GetBytes(CreateRequests.Command));

    private readonly Delivery _envelope = new(
        Exchange,
        new BasicProperties { ContentType = "application/vnd.masstransit+json" },
        Encoding.UTF8.GetBytes(
            $$"""
            {"messageId":"0b1c0000-1f2e-3d4c-5b6a-798800000001","conversationId":"0b1c0000-1f2e-3d4c-5b6a-798800000002",
            "sourceAddress":"rabbitmq://127.0.0.1/publisher","destinationAddress":"rabbitmq://127.0.0.1/{{Exchange}}",
            "messageType":["{{MessageUrn.ForTypeString<CreateRun>()}}"],"sentTime":"2026-09-01T02:00:00.000Z","headers":{},
            "message":{{CreateRequests.Command}}}
            """));

    [Benchmark]
    public object ReadRawJson() => Read(_rawJson);

    [Benchmark]
    public object ReadEnvelope() => Read(_envelope);

    private object Read(Delivery delivery) => _reader.ReadCommand(delivery, CommandReader.ReadEnvelope(delivery));
}
