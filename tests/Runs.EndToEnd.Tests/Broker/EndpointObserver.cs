using System.Collections.Concurrent;
using MassTransit;

namespace Runs.EndToEnd.Tests;

/// <summary>Counts the handled messages of each endpoint, and keeps the faults of endpoints.</summary>
internal sealed class EndpointObserver : IReceiveObserver, IReceiveEndpointObserver
{
    private readonly ConcurrentDictionary<string, int> _received = new();
    private readonly ConcurrentQueue<string> _faults = new();

    public IReadOnlyCollection<string> Faults => _faults;

    public int ReceivedOn(string endpoint) => _received.GetValueOrDefault(endpoint);

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context)
    {
        _received.AddOrUpdate(BusConnectivity.GetEndpointName(context.InputAddress), 1, (_, before) => before + 1);
        return Task.CompletedTask;
    }

    public Task ReceiveFault(ReceiveContext context, Exception exception) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => Task.CompletedTask;

    public Task Ready(ReceiveEndpointReady ready) => Task.CompletedTask;

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task Faulted(ReceiveEndpointFaulted faulted)
    {
        _faults.Enqueue($"{faulted.InputAddress}: {faulted.Exception}");
        return Task.CompletedTask;
    }
}
