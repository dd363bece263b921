using Runs.Tests.Lifecycle;

namespace Runs.EndToEnd.Tests;

[Collection(nameof(Containers))]
public sealed class AnyOrderOfCommandsOnContainers(ContainerStack stack) : AnyOrderOfCommands<ContainerStack>(stack, stories: 150);

[Collection(nameof(Containers))]
public sealed class BeginningWithAnEventOnContainers(ContainerStack stack) : BeginningWithAnEvent<ContainerStack>(stack);

[Collection(nameof(Containers))]
public sealed class CancellingTreesOnContainers(ContainerStack stack) : CancellingTrees<ContainerStack>(stack);

[Collection(nameof(Containers))]
public sealed class LateRedeliveriesOnContainers(ContainerStack stack) : LateRedeliveries<ContainerStack>(stack);

[Collection(nameof(Containers))]
public sealed class ManyWritersOnContainers(ContainerStack stack) : ManyWriters<ContainerStack>(stack);
