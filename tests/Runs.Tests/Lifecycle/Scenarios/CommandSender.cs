using System.Text.Json;
using MassTransit;
using Runs.Contracts;

namespace Runs.Tests.Lifecycle;

/// <summary>Sends a command in a <see cref="SendMode"/>.</summary>
internal static class CommandSender
{
    public static async Task<ObservedReply[]> SendOverHttp(this RunsApplication application, SendMode mode, string path, string body)
    {
        var first = Post();
        return mode switch
        {
            SendMode.HttpTwice => await Task.WhenAll(first, Post()),
            SendMode.HttpAgain => [await first, await Post()],
            _ => [await first],
        };

        async Task<ObservedReply> Post() => new(new object(), await application.Client.Post(path, body));
    }

    public static async Task<ObservedReply[]> SendOverBroker<T>(this RunsApplication application, SendMode mode, T command)
        where T : class
    {
        var id = NewId.NextGuid();
        switch (mode)
        {
            case SendMode.DeliverTwice:
                return await Task.WhenAll(Request(), Request());
            case SendMode.Redeliver:
                return [await Request(), await Request()];
            case SendMode.Publish:
                await Publish();
                return [];
            case SendMode.PublishTwice:
                await Task.WhenAll(Publish(), Publish());
                return [];
            default:
                return [await Request()];
        }

        Task Publish() => application.Bus.Publish(command, context => context.MessageId = id);

        async Task<ObservedReply> Request()
        {
            Response reply = await application.Bus.CreateRequestClient<T>().GetResponse<RunSnapshot, RunRejected>(
                command, request => request.UseExecute(context => context.MessageId = id));
            return new ObservedReply(id, reply switch
            {
                (_, RunRejected rejection) => ToResponse(
                    rejection.Code is RejectionCodes.RunNotFound or RejectionCodes.ParentNotFound ? 404 : 409, rejection),
                (_, RunSnapshot run) => ToResponse(200, run),
                _ => throw new InvalidOperationException("An unexpected reply."),
            });
        }
    }

    private static ApiResponse ToResponse<T>(int status, T message) => new(status, JsonSerializer.SerializeToElement(message), []);
}
