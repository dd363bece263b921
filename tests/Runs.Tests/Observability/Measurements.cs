using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Runs.Store;

namespace Runs.Tests.Observability;

/// <summary>What one host measures on the service's meter while a test listens.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly ConcurrentQueue<Measured> _measured = new();
    private readonly ConcurrentDictionary<string, Instrument> _instruments = new();
    private readonly MeterListener _listener = new();

    public Measurements(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == RunsTelemetry.Name && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                _instruments[instrument.Name] = instrument;
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>(Add);
        _listener.Start();
    }

    /// <summary>The instruments of the meter, by name.</summary>
    public IReadOnlyDictionary<string, Instrument> Instruments => _instruments;

    public IReadOnlyList<Measured> All => [.. _measured];

    /// <summary>Reads the gauges now.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    /// <summary>
    /// The measurements of an instrument with exactly these attributes, as <c>name=value</c> in the order of names.
    /// </summary>
    public IReadOnlyList<double> Get(string instrument, string attributes = "") =>
    [
        .. _measured
            .Where(measured => measured.Instrument == instrument && measured.Attributes == attributes)
            .Select(measured => measured.Value),
    ];

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var attributes = tags.ToArray().OrderBy(tag => tag.Key, StringComparer.Ordinal).ToList();
        var text = string.Join(' ', attributes.Select(tag => $"{tag.Key}={tag.Value}"));
        _measured.Enqueue(new Measured(instrument.Name, value, text, [.. attributes.Select(tag => tag.Key)]));
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) =>
        Add(instrument, value, tags);
}
