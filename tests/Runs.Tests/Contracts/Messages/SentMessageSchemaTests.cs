using System.Collections.Concurrent;
using System.Text.Json;
using MassTransit;
using MassTransit.Serialization;
using Runs.ContractGenerator;
using Runs.Contracts;

namespace Runs.Tests.Contracts.Messages;

/// <summary>The messages that the service sends match their schemas.</summary>
public sealed class SentMessageSchemaTests(EmbeddedApplication application) : IClassFixture<EmbeddedApplication>
{
    [Fact]
    public async Task Every_published_event_and_reply_matches_its_schema()
    {
        var received = new ConcurrentDictionary<string, string>();
        var subscriber = application.Bus.ConnectReceiveEndpoint("subscriber", endpoint =>
        {
            endpoint.Handler<RunReserved>(Record);
            endpoint.Handler<RunAccepted>(Record);
            endpoint.Handler<RunReady>(Record);
            endpoint.Handler<RunStarted>(Record);
            endpoint.Handler<RunAttemptStarted>(Record);
            endpoint.Handler<RunAttemptEnded>(Record);
            endpoint.Handler<RunWaiting>(Record);
            endpoint.Handler<RunResumed>(Record);
            endpoint.Handler<RunFinished>(Record);
        });
        await subscriber.Ready;
        var (task, agent, retried) = (TestRequests.NewId(), TestRequests.NewId(), TestRequests.NewId());
        await application.Client.Create(TestRequests.AgentBody(agent, new { agent_id = "writer" }));
        await application.Client.Create(TestRequests.TaskBody(task));
        await application.Client.Create(TestRequests.TaskBody(retried, new { target = "task:t", backoff_limit = 1 }));

        await Send(new StartRun { Tenant = "dev", RunId = task });
        await Send(new WaitRun { Tenant = "dev", RunId = task, Reason = WaitingReasons.Tool, ToolCallId = "call_1", ToolName = "search" });
        await Send(new ResumeRun { Tenant = "dev", RunId = task, ToolCallId = "call_1", Result = new RawJson("[1]") });
        await Send(new CompleteRun { Tenant = "dev", RunId = task, Status = RunStatuses.Failed, TerminalErrorMessage = "It broke." });
        await Send(new CompleteRun { Tenant = "dev", RunId = retried, Status = RunStatuses.Completed, Attempt = 9 });
        await Claim();
        var renewal = new RenewLease { Tenant = "dev", RunId = retried, WorkerId = "worker", Attempt = 1 };
        var renewed = (await application.Bus.CreateRequestClient<RenewLease>().GetResponse<LeaseRenewed>(renewal)).Message;
        received[nameof(LeaseRenewed)] = JsonSerializer.Serialize(renewed, SystemTextJsonMessageSerializer.Options);
        await Send(new CompleteRun { Tenant = "dev", RunId = retried, Status = RunStatuses.Failed, Attempt = 1, RetryAfterSeconds = 0 });
        await Claim();

        await Eventually.Succeeds(async () =>
        {
            foreach (var message in ContractMessages.OfKind(MessageKind.Event).Concat(ContractMessages.OfKind(MessageKind.Reply)))
            {
                Assert.True(received.TryGetValue(message.Name, out var body), message.Name);
                Assert.Empty((await MessageContractTests.Validator(message)).Validate(body));
            }
        });

        Task Record<T>(ConsumeContext<T> context)
            where T : class
        {
            received[typeof(T).Name] = JsonElement.Parse(context.ReceiveContext.GetBody()).GetProperty("message").GetRawText();
            return Task.CompletedTask;
        }

        Task Claim() => Send(new ClaimRun { Tenant = "dev", RunId = retried, ClaimId = TestRequests.NewUuid(), WorkerId = "worker" });

        async Task Send<T>(T command)
            where T : class
        {
            var reply = (await application.Bus.CreateRequestClient<T>().GetResponse<RunSnapshot, RunRejected>(command)).Message;
            received[reply.GetType().Name] = JsonSerializer.Serialize(reply, SystemTextJsonMessageSerializer.Options);
        }
    }
}
