using Runs.Tests.Lifecycle;

namespace Runs.EndToEnd.Tests;

[Collection(nameof(SteadyContainers))]
public sealed class ContainerRandomCommandOrderTests(ContainerApplication application) : RandomCommandOrderTests<ContainerApplication>(application, iterations: 150);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerStartFromEventTests(ContainerApplication application) : StartFromEventTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerCancelTreeTests(ContainerApplication application) : CancelTreeTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerLateRedeliveryTests(ContainerApplication application) : LateRedeliveryTests<ContainerApplication>(application);

[Collection(nameof(SteadyContainers))]
public sealed class ContainerConcurrentAppendTests(ContainerApplication application) : ConcurrentAppendTests<ContainerApplication>(application);
