using Microsoft.Extensions.Options;

namespace Runs.Api;

/// <summary>Bounds how much is under way in this process at a time: what is too much is refused at once, and not queued.</summary>
internal abstract class Places(int number) : IDisposable
{
    private readonly SemaphoreSlim _places = new(number);

    /// <summary>Whether there is no place just now.</summary>
    public bool AreTaken => _places.CurrentCount == 0;

    /// <summary>A place, to be disposed of, or null when all are taken.</summary>
    public IDisposable? TryEnter() => _places.Wait(0, CancellationToken.None) ? new Place(_places) : null;

    public void Dispose() => _places.Dispose();

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private SemaphoreSlim? _places = places;

        public void Dispose() => Interlocked.Exchange(ref _places, null)?.Release();
    }
}

/// <summary>For commands that wait for the saga.</summary>
internal sealed class CommandPlaces(IOptions<ApiOptions> options) : Places(options.Value.InFlightLimit);

/// <summary>For appends, each with its body in memory.</summary>
internal sealed class AppendPlaces(IOptions<ApiOptions> options) : Places(options.Value.InFlightLimit);

/// <summary>For streams and long polls.</summary>
internal sealed class FollowerPlaces(IOptions<ApiOptions> options) : Places(options.Value.FollowerLimit);
