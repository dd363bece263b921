using System.Text.Json;
using MassTransit;
using Runs.Contracts;

namespace Runs.Tests.Lifecycle;

/// <summary>What a sender was told: over HTTP the answer, over the broker the message as if it were one.</summary>
/// <param name="RequestId">The id of the message that asked, or an object that stands for an HTTP call.</param>
/// <param name="Response">The answer.</param>
internal sealed record ObservedReply(object RequestId, ApiResponse Response)
{
    public bool IsMessage => RequestId is Guid;

    /// <summary>The run, where the answer has one.</summary>
    public JsonElement? Run => Response.Status < 300 && Response.Body.TryGetProperty("run", out var run) && run.TryGetProperty("root_run_id", out _) ? run : null;

    /// <summary>The run's status, where the answer has one.</summary>
    public string? Status => Run?.GetProperty("status").GetString();

    /// <summary>Whether this sender was told that it made the run what it is. A complete over HTTP is told of the outcome only.</summary>
    public bool Changed => Response.Status < 300 && (HasFlag("changed", true) || HasFlag("cancelled", true) || HasFlag("duplicate", false));

    private bool HasFlag(string member, bool value) => Response.Body.TryGetProperty(member, out var said) && said.GetBoolean() == value;
}

/// <summary>Sends one command in each <see cref="SendMode"/> that there is.</summary>
internal static class CommandSender
{
    public static async Task<ObservedReply[]> SendOverHttp(this RunsApplication application, SendMode way, string path, string body)
    {
        var first = Post();
        return way switch
        {
            SendMode.HttpTwice => await Task.WhenAll(first, Post()),
            SendMode.HttpAgain => [await first, await Post()],
            _ => [await first],
        };

        async Task<ObservedReply> Post() => new(new object(), await application.Client.Post(path, body));
    }

    public static async Task<ObservedReply[]> SendOverBroker<T>(this RunsApplication application, SendMode way, T command)
        where T : class
    {
        var id = NewId.NextGuid();
        switch (way)
        {
            case SendMode.DeliverTwice:
                return await Task.WhenAll(Ask(), Ask());
            case SendMode.Redeliver:
                return [await Ask(), await Ask()];
            case SendMode.Tell:
                await Tell();
                return [];
            case SendMode.TellTwice:
                await Task.WhenAll(Tell(), Tell());
                return [];
            default:
                return [await Ask()];
        }

        Task Tell() => application.Bus.Publish(command, context => context.MessageId = id);

        async Task<ObservedReply> Ask()
        {
            Response reply = await application.Bus.CreateRequestClient<T>().GetResponse<RunSnapshot, RunRejected>(
                command, request => request.UseExecute(context => context.MessageId = id));
            return new ObservedReply(id, reply switch
            {
                (_, RunRejected { Code: RejectionCodes.RunNotFound or RejectionCodes.ParentNotFound } refused) => ToResponse(404, refused),
                (_, RunRejected refused) => ToResponse(409, refused),
                (_, RunSnapshot run) => ToResponse(200, run),
                _ => throw new InvalidOperationException("No other answer was asked for."),
            });
        }
    }

    private static ApiResponse ToResponse<T>(int status, T message) => new(status, JsonSerializer.SerializeToElement(message), []);
}
