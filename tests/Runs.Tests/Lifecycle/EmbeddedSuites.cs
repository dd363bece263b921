namespace Runs.Tests.Lifecycle;

public sealed class EmbeddedCancelTreeTests(EmbeddedApplication application) : CancelTreeTests<EmbeddedApplication>(application);

public sealed class LossyDispatchCancelTreeTests(LossyDispatchApplication application)
    : CancelTreeTests<LossyDispatchApplication>(application);

public sealed class EmbeddedConcurrentAppendTests(EmbeddedApplication application)
    : ConcurrentAppendTests<EmbeddedApplication>(application);

public sealed class EmbeddedLateRedeliveryTests(EmbeddedApplication application) : LateRedeliveryTests<EmbeddedApplication>(application);

public sealed class EmbeddedRandomCommandOrderTests(EmbeddedApplication application)
    : RandomCommandOrderTests<EmbeddedApplication>(application, iterations: 200);

public sealed class EmbeddedStartFromEventTests(EmbeddedApplication application) : StartFromEventTests<EmbeddedApplication>(application);
