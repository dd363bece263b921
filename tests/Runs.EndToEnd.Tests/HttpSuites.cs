using Runs.Tests.Http;

namespace Runs.EndToEnd.Tests;

[Collection(nameof(SteadyContainers))]
public sealed class ContainerCreateRunTests(ContainerApplication application) : CreateRunTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerDuplicateCreateTests(ContainerApplication application)
    : DuplicateCreateTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerAttemptTests(ContainerApplication application) : AttemptTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerFinishRunTests(ContainerApplication application) : FinishRunTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerListRunsTests(ContainerApplication application) : ListRunsTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerConversationIdTests(ContainerApplication application) : ConversationIdTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerAppendEventsTests(ContainerApplication application) : AppendEventsTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerStreamEventsTests(ContainerApplication application) : StreamEventsTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerWaitAndResumeTests(ContainerApplication application) : WaitAndResumeTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerStoredApiKeyTests(ContainerApplication application) : StoredApiKeyTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerProjectRestrictionTests(ContainerApplication application)
    : ProjectRestrictionTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerEventWriterTokenTests(ContainerApplication application)
    : EventWriterTokenTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerChildEventWriterTokenTests(ContainerApplication application)
    : ChildEventWriterTokenTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerActorTests(ContainerApplication application) : ActorTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerAuditLogTests(ContainerApplication application) : AuditLogTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerChildRunTests(ContainerApplication application) : ChildRunTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerBrokerCommandTests(ContainerApplication application) : BrokerCommandTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerRetriedAppendTests(ContainerApplication application) : RetriedAppendTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerAppendLimitsTests(ContainerApplication application) : AppendLimitsTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerRunLogTests(ContainerApplication application) : RunLogTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerStreamReplayTests(ContainerApplication application) : StreamReplayTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerLongPollTests(ContainerApplication application) : LongPollTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerInputRequestTests(ContainerApplication application)
    : InputRequestTests<ContainerApplication>(application, InputRequestPaths.OfRun);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerConversationInputRequestTests(ContainerApplication application)
    : InputRequestTests<ContainerApplication>(application, InputRequestPaths.OfConversation);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerRunInputRequestTests(ContainerApplication application)
    : RunInputRequestTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerWaitInputRequestTests(ContainerApplication application)
    : WaitInputRequestTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerInputRequestPagingTests(ContainerApplication application)
    : InputRequestPagingTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerRegisterWorkerTests(ContainerApplication application) : RegisterWorkerTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerWorkerTokenAuthenticationTests(ContainerApplication application)
    : WorkerTokenAuthenticationTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerWorkerRunAccessTests(ContainerApplication application)
    : WorkerRunAccessTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerScheduleTests(ContainerApplication application) : ScheduleTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerClaimTests(ContainerApplication application) : ClaimTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerLeaseTests(ContainerApplication application) : LeaseTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerLeaseRaceTests(ContainerApplication application) : LeaseRaceTests<ContainerApplication>(application);
