using System.Text.Json;
using MassTransit;
using Runs.Contracts;

namespace Runs.Tests.Lifecycle;

/// <summary>What a sender was told: over HTTP the answer, over the broker the message as if it were one.</summary>
/// <param name="By">The id of the message that asked, or an object that stands for an HTTP call.</param>
/// <param name="Answer">The answer.</param>
internal sealed record Reply(object By, Answer Answer)
{
    public bool IsMessage => By is Guid;

    /// <summary>The run, where the answer has one.</summary>
    public JsonElement? Run => Answer.Status < 300 && Answer.Body.TryGetProperty("run", out var run) && run.TryGetProperty("root_run_id", out _) ? run : null;

    /// <summary>The run's status, where the answer has one.</summary>
    public string? Status => Run?.GetProperty("status").GetString();

    /// <summary>Whether this sender was told that it made the run what it is. A complete over HTTP is told of the outcome only.</summary>
    public bool Changed => Answer.Status < 300 && (Says("changed", true) || Says("cancelled", true) || Says("duplicate", false));

    private bool Says(string member, bool value) => Answer.Body.TryGetProperty(member, out var said) && said.GetBoolean() == value;
}

/// <summary>Sends one command in each <see cref="Way"/> that there is.</summary>
internal static class Senders
{
    public static async Task<Reply[]> OverHttp(this Stack stack, Way way, string path, string body)
    {
        var first = Post();
        return way switch
        {
            Way.HttpTwice => await Task.WhenAll(first, Post()),
            Way.HttpAgain => [await first, await Post()],
            _ => [await first],
        };

        async Task<Reply> Post() => new(new object(), await stack.Client.Post(path, body));
    }

    public static async Task<Reply[]> OverBroker<T>(this Stack stack, Way way, T command)
        where T : class
    {
        var id = NewId.NextGuid();
        switch (way)
        {
            case Way.DeliverTwice:
                return await Task.WhenAll(Ask(), Ask());
            case Way.Redeliver:
                return [await Ask(), await Ask()];
            case Way.Tell:
                await Tell();
                return [];
            case Way.TellTwice:
                await Task.WhenAll(Tell(), Tell());
                return [];
            default:
                return [await Ask()];
        }

        Task Tell() => stack.Bus.Publish(command, context => context.MessageId = id);

        async Task<Reply> Ask()
        {
            Response reply = await stack.Bus.CreateRequestClient<T>().GetResponse<RunSnapshot, RunRefused>(
                command, request => request.UseExecute(context => context.MessageId = id));
            return new Reply(id, reply switch
            {
                (_, RunRefused { Code: RefusalCodes.RunNotFound or RefusalCodes.ParentNotFound } refused) => AnswerOf(404, refused),
                (_, RunRefused refused) => AnswerOf(409, refused),
                (_, RunSnapshot run) => AnswerOf(200, run),
                _ => throw new InvalidOperationException("No other answer was asked for."),
            });
        }
    }

    private static Answer AnswerOf<T>(int status, T message) => new(status, JsonSerializer.SerializeToElement(message), []);
}
