using System.Buffers;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Runs.Validation;

namespace Runs.MicroBenchmarks;

/// <summary>The canonical form of a request and its fingerprint, by which a duplicate is recognized.</summary>
public class CanonicalJsonBenchmarks
{
    private readonly JsonElement _request = JsonElement.Parse(CreateRequests.Request);
    private readonly ArrayBufferWriter<byte> _output = new(1024);

    [Benchmark]
    public int Write()
    {
        _output.ResetWrittenCount();
        CanonicalJson.Write(_request, _output);
        return _output.WrittenCount;
    }

    [Benchmark]
    public string ComputeFingerprint() => CanonicalJson.ComputeFingerprint(_request);
}
