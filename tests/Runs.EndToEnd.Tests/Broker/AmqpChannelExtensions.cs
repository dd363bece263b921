using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Runs.EndToEnd.Tests;

/// <summary>Publishes, subscribes and consumes on a channel.</summary>
internal static class AmqpChannelExtensions
{
    public static async Task Publish(this IChannel channel, string exchange, string body, BasicProperties properties) =>
        await channel.BasicPublishAsync(exchange, "", mandatory: false, properties, Encoding.UTF8.GetBytes(body));

    /// <summary>Subscribes to <paramref name="exchanges"/>, which the server has declared.</summary>
    public static async Task Subscribe(this IChannel channel, Action<BasicDeliverEventArgs> onDelivery, params string[] exchanges)
    {
        var queue = (await channel.QueueDeclareAsync()).QueueName;
        foreach (var exchange in exchanges)
        {
            await channel.QueueBindAsync(queue, exchange, "");
        }

        await channel.Consume(queue, onDelivery);
    }

    public static async Task Consume(this IChannel channel, string queue, Action<BasicDeliverEventArgs> onDelivery)
    {
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            onDelivery(delivery);
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer);
    }
}
