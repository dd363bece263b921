using Runs.Tests.Http;

namespace Runs.EndToEnd.Tests;

[Collection(nameof(Containers))]
public sealed class CreatingRunsOnContainers(ContainerStack stack) : CreatingRuns<ContainerStack>(stack);

[Collection(nameof(Containers))]
public sealed class RepeatingCreatesOnContainers(ContainerStack stack) : RepeatingCreates<ContainerStack>(stack);

[Collection(nameof(Containers))]
public sealed class EndingRunsOnContainers(ContainerStack stack) : EndingRuns<ContainerStack>(stack);

[Collection(nameof(Containers))]
public sealed class ListingRunsOnContainers(ContainerStack stack) : ListingRuns<ContainerStack>(stack);

[Collection(nameof(Containers))]
public sealed class AppendingEventsOnContainers(ContainerStack stack) : AppendingEvents<ContainerStack>(stack);

[Collection(nameof(Containers))]
public sealed class StreamingEventsOnContainers(ContainerStack stack) : StreamingEvents<ContainerStack>(stack);

[Collection(nameof(Containers))]
public sealed class WaitingRunsOnContainers(ContainerStack stack) : WaitingRuns<ContainerStack>(stack);

[Collection(nameof(Containers))]
public sealed class StoredKeysOnContainers(ContainerStack stack) : StoredKeys<ContainerStack>(stack);

[Collection(nameof(Containers))]
public sealed class RestrictedToProjectsOnContainers(ContainerStack stack) : RestrictedToProjects<ContainerStack>(stack);

[Collection(nameof(Containers))]
public sealed class ActorsOnContainers(ContainerStack stack) : Actors<ContainerStack>(stack);

[Collection(nameof(Containers))]
public sealed class AuditLogTestsOnContainers(ContainerStack stack) : AuditLogTests<ContainerStack>(stack);
