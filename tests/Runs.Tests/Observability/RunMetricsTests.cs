using System.Reflection;
using MassTransit;
using Microsoft.Extensions.Time.Testing;
using Runs.Contracts;
using Runs.Lifecycle;
using Runs.Tests.Lifecycle;
using Runs.Tests.Stores;

namespace Runs.Tests.Observability;

/// <summary>What the lifecycle measures of messages that a broker delivered again and of concurrent writes.</summary>
public sealed class RunMetricsTests : IDisposable
{
    private readonly TestMeterFactory _meters = new();
    private readonly Measurements _measurements;
    private readonly RunMetrics _metrics;

    public RunMetricsTests()
    {
        _measurements = new Measurements(_meters);
        _metrics = new RunMetrics(_meters, new FakeTimeProvider(TestRuns.Noon));
    }

    public void Dispose()
    {
        _measurements.Dispose();
        _meters.Dispose();
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void A_redelivered_message_is_counted_by_its_queue(bool redelivered, int count)
    {
        _metrics.RecordReceived(Received.Create(LifecycleData.Start(), redelivered, TestRuns.Noon.UtcDateTime));

        Assert.Equal(count, _measurements.Get("runs.redeliveries", "queue=lifecycle").Count);
    }

    [Theory]
    [InlineData(-2, 2)]
    [InlineData(1, 0)] // the clock of the sender is ahead
    public void A_message_waits_from_its_sending_and_never_less_than_nothing(int sentAfterSeconds, int wait)
    {
        _metrics.RecordReceived(Received.Create(LifecycleData.Start(), false, TestRuns.Noon.UtcDateTime.AddSeconds(sentAfterSeconds)));

        Assert.Equal([wait], _measurements.Get("runs.message.wait", "command=start queue=lifecycle"));
    }

    [Theory]
    [InlineData(true, "running", 1)]
    [InlineData(true, null, 0)] // a create whose run exists
    [InlineData(false, "running", 0)]
    public void Only_the_loss_of_a_decision_to_a_concurrent_write_is_counted(bool hasConflict, string? previousStatus, int count)
    {
        _metrics.RecordRetry(typeof(CompleteRun), hasConflict, previousStatus);

        Assert.Equal(count, _measurements.Get("runs.decisions.lost", "command=complete").Count);
    }

    /// <summary>The context of a message that was received, as far as metrics read it.</summary>
#pragma warning disable CA1852 // the proxy derives from it
    private class Received : DispatchProxy
#pragma warning restore CA1852
    {
        private object? _message;
        private bool _redelivered;
        private DateTime _sentTime;

        public static ConsumeContext<T> Create<T>(T message, bool redelivered, DateTime sentTime)
            where T : class
        {
            var context = Create<ConsumeContext<T>, Received>();
            var received = (Received)(object)context;
            (received._message, received._redelivered, received._sentTime) = (message, redelivered, sentTime);
            return context;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            "get_Message" => _message,
            "get_SentTime" => _sentTime,
            "get_Redelivered" => _redelivered,
            "get_InputAddress" => new Uri("loopback://localhost/runs-lifecycle"),
            "get_ReceiveContext" => Create<ReceiveContext, Received>(_redelivered),
            _ => false, // TryGetPayload, HasPayloadType
        };

        private static TContext Create<TContext, TProxy>(bool redelivered)
            where TProxy : DispatchProxy
        {
            var context = Create<TContext, TProxy>();
            ((Received)(object)context!)._redelivered = redelivered;
            return context;
        }
    }
}
