using System.Collections.Concurrent;
using System.Text.Json;
using MassTransit;
using MassTransit.Serialization;
using Runs.ContractGenerator;
using Runs.Contracts;

namespace Runs.Tests.Contracts.Messages;

/// <summary>What the service sends is what its description says.</summary>
public sealed class SentMessageSchemaTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    [Fact]
    public async Task Every_published_event_and_reply_matches_its_schema()
    {
        var sent = new ConcurrentDictionary<string, string>();
        var listener = application.Bus.ConnectReceiveEndpoint("listener", endpoint =>
        {
            endpoint.Handler<RunReserved>(Note);
            endpoint.Handler<RunAccepted>(Note);
            endpoint.Handler<RunStarted>(Note);
            endpoint.Handler<RunWaiting>(Note);
            endpoint.Handler<RunResumed>(Note);
            endpoint.Handler<RunFinished>(Note);
        });
        await listener.Ready;
        var (task, agent) = (TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(TestRequests.AgentBody(agent, new { agent_id = "writer" }));
        await application.Client.Create(TestRequests.TaskBody(task));

        await Ask(new StartRun { Tenant = "dev", RunId = task });
        await Ask(new WaitRun { Tenant = "dev", RunId = task, Reason = WaitingReasons.Tool, ToolCallId = "call_1", ToolName = "search" });
        await Ask(new ResumeRun { Tenant = "dev", RunId = task, ToolCallId = "call_1", Result = new RawJson("[1]") });
        await Ask(new CompleteRun { Tenant = "dev", RunId = task, Status = RunStatuses.Failed, TerminalErrorMessage = "It broke." });
        await Ask(new CancelRun { Tenant = "dev", RunId = "unknown" });

        await Eventually.Succeeds(async () =>
        {
            foreach (var message in ContractMessages.OfKind(MessageKind.Event).Concat(ContractMessages.OfKind(MessageKind.Reply)))
            {
                Assert.True(sent.TryGetValue(message.Name, out var body), message.Name);
                Assert.Empty((await MessageContractTests.Validator(message)).Validate(body));
            }
        });

        Task Note<T>(ConsumeContext<T> context)
            where T : class
        {
            sent[typeof(T).Name] = JsonElement.Parse(context.ReceiveContext.GetBody()).GetProperty("message").GetRawText();
            return Task.CompletedTask;
        }

        async Task Ask<T>(T command)
            where T : class
        {
            var answer = (await application.Bus.CreateRequestClient<T>().GetResponse<RunSnapshot, RunRejected>(command)).Message;
            sent[answer.GetType().Name] = JsonSerializer.Serialize(answer, SystemTextJsonMessageSerializer.Options);
        }
    }
}
